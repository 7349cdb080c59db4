package evtxtest

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"time"
)

// Bulk is a large log in native shape for benchmarks. It repeats prepared
// chunks, in which record ids, times, script block ids and a number in each
// script's text differ, so it is written fast and never held in memory.
type Bulk struct {
	Size  int64 // of the log in bytes, at least one chunk
	Units int   // length of each script in UTF-16 units, at least 100
	// Mixed makes 19 of 20 chunks hold Security events; PowerShell's come
	// last of the 20.
	Mixed bool
}

const foreignChunks = 19

// Blocks returns how many script blocks the log holds.
func (b Bulk) Blocks() int64 {
	own := b.chunks()
	if b.Mixed {
		own /= foreignChunks + 1
	}
	return own * int64(len(scriptPattern(b.Units).records))
}

func (b Bulk) chunks() int64 { return max(1, (b.Size-fileHeaderSize)/chunkSize) }

// WriteTo writes the log.
func (b Bulk) WriteTo(w io.Writer) (written int64, err error) {
	scripts, foreign := scriptPattern(b.Units), foreignPattern()
	isForeign := func(n int64) bool { return b.Mixed && n%(foreignChunks+1) < foreignChunks }
	put := func(p []byte) {
		if err == nil {
			var n int
			n, err = w.Write(p)
			written += int64(n)
		}
	}
	chunks, next := b.chunks(), uint64(1)
	for n := range chunks {
		if isForeign(n) {
			next += uint64(len(foreign.records))
		} else {
			next += uint64(len(scripts.records))
		}
	}
	header := make([]byte, fileHeaderSize)
	copy(header, fileHeader{last: int(chunks - 1), chunks: int(chunks), next: next}.bytes())
	put(header)
	id := uint64(1)
	for n := int64(0); n < chunks && err == nil; n++ {
		p := scripts
		if isForeign(n) {
			p = foreign
		}
		put(p.next(id))
		id += uint64(len(p.records))
	}
	return written, err
}

// pattern is a prepared chunk.
type pattern struct {
	chunk   []byte
	records []patternRecord
}

// patternRecord says where in the chunk the values of a record stand that
// differ from one use to the next.
type patternRecord struct {
	offset, time, id int
	texts            []int // of marks
}

// The values that stand in a pattern for those to come.
const (
	markTime   = FileTime(0x01dc8a5a5a5a5a5a)
	markID     = uint64(0x7a7a7a7a7a7a7a7a)
	markDigits = "f0f0f0f0f0f0"
	markBlock  = "5c5c0000-0000-4000-8000-" + markDigits
)

// next returns the chunk with records numbered from first; it is valid until
// the next call.
func (p *pattern) next(first uint64) []byte {
	le := binary.LittleEndian
	start := Clock("2026-01-12T00:00:00Z")
	var digits [len(markDigits)]byte
	for i, r := range p.records {
		id := first + uint64(i)
		at := uint64(start.Add(time.Duration(id) * 37 * time.Millisecond))
		le.PutUint64(p.chunk[r.offset+8:], id)
		le.PutUint64(p.chunk[r.offset+16:], at)
		le.PutUint64(p.chunk[r.time:], at)
		le.PutUint64(p.chunk[r.id:], id)
		for k := range digits {
			digits[len(digits)-1-k] = "0123456789abcdef"[id>>(4*k)&0xf]
		}
		for _, text := range r.texts {
			for k, d := range digits {
				p.chunk[text+2*k] = d
			}
		}
	}
	last := first + uint64(len(p.records)) - 1
	for _, numbers := range []int{8, 24} {
		le.PutUint64(p.chunk[numbers:], first)
		le.PutUint64(p.chunk[numbers+8:], last)
	}
	sumChunk(p.chunk)
	return p.chunk
}

// newPattern fills a chunk with events, which are used over and over.
func newPattern(events ...Event) *pattern {
	c := newChunk()
	for i := 0; ; i++ {
		e := &events[i%len(events)]
		if !c.add(markID, markTime, e.document(Native, markID)) {
			break
		}
	}
	p := &pattern{chunk: c.bytes(1, false)}
	for at := chunkHeaderSize; at < len(c.data); {
		size := int(binary.LittleEndian.Uint32(p.chunk[at+4:]))
		p.records = append(p.records, marksIn(p.chunk, at, at+size))
		at += size
	}
	return p
}

// marksIn finds the marks of the record between two offsets.
func marksIn(chunk []byte, start, end int) patternRecord {
	le := binary.LittleEndian
	find := func(from int, mark []byte) int { return from + bytes.Index(chunk[from:end], mark) }
	values := start + recordHead
	r := patternRecord{
		offset: start,
		time:   find(values, le.AppendUint64(nil, uint64(markTime))),
		id:     find(values, le.AppendUint64(nil, markID)),
	}
	digits := appendText(nil, markDigits)
	for at := values; bytes.Contains(chunk[at:end], digits); at += len(digits) {
		at = find(at, digits)
		r.texts = append(r.texts, at)
	}
	return r
}

var bulkOrigin = Origin{
	Computer: "EX01.corp.example", UserSID: "S-1-5-21-1004336348-1177238915-682003330-1107",
	ActivityID: "93fd0727-512b-0007-3195-0b942b51d701", ProcessID: 6620, ThreadID: 6340,
}

// scriptPattern is a chunk of script blocks.
func scriptPattern(units int) *pattern {
	head := "# run " + markDigits + "\r\n"
	text := head + strings.Repeat(bulkScript, units/len(bulkScript)+1)
	block := ScriptBlock{ID: markBlock, Text: text[:units], Path: `C:\Scripts\Get-QueueHealth.ps1`}
	return newPattern(block.Events(ScriptBlockLogged, bulkOrigin, markTime)...)
}

const bulkScript = `$queues = Get-Queue -Server $server | Where-Object { $_.MessageCount -gt 50 }
foreach ($queue in $queues) {
    $line = "{0:u} {1} holds {2} messages" -f (Get-Date), $queue.Identity, $queue.MessageCount
    Add-Content -Path $logFile -Value $line
    if ($queue.Status -eq 'Retry') { Retry-Queue -Identity $queue.Identity -Confirm:$false }
}
`

// foreignPattern is a chunk of logons and process starts.
func foreignPattern() *pattern {
	system, none := "S-1-5-18", "S-1-0-0"
	return newPattern(
		ProcessCreated.Event(bulkOrigin, markTime,
			system, "EX01$", "CORP", "0x3e7", "0x1a4c", `C:\Windows\System32\svchost.exe`, "%%1936", "0x2f4",
			`C:\Windows\System32\svchost.exe -k netsvcs -p -s Schedule`, none, "-", "-", "0x0",
			`C:\Windows\System32\services.exe`, "S-1-16-16384"),
		Logon.Event(bulkOrigin, markTime,
			none, "-", "-", "0x0", system, "EX01$", "CORP.EXAMPLE", "0x5f3c21", "3", "Kerberos", "Kerberos", "-",
			"5d0c1b7e-2f62-4b0e-9a53-60c1f2b0a3de", "-", "-", "0", "0x0", "-", "10.20.4.31", "49152",
			"%%1833", "-", "-", "-", "%%1843", "0x0", "%%1842"),
	)
}
