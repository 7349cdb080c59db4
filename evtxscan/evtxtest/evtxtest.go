// Package evtxtest writes event logs for tests, healthy and damaged, and finds
// the logs and facts that tests may use but the project does not hold.
//
// A [Log] takes events, which are made by a [Kind] from an [Origin], a time and
// values, or by a [ScriptBlock]; it lays them into chunks in one of the three
// shapes. [Damaged] does damage to its bytes. A [Bulk] is a large log for
// benchmarks. Equal calls give equal bytes.
package evtxtest

//go:generate go run ./samplecase ../../testdata/evidence
