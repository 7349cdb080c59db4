package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"pstrail/detect"
	"pstrail/evtxscan"
	"pstrail/report"
)

// run is the whole program: it parses the arguments, writes the report and
// returns the exit status. Several runs can go on at the same time.
func run(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer, env func(string) string) int {
	opt, err := parseFlags(args)
	if err != nil {
		voice{w: stderr}.fail(err)
		return statusOf(err)
	}
	p := &program{options: opt, args: args, stdout: stdout, stderr: stderr, env: env, voice: voice{stderr, opt.quiet}}
	status, err := p.run(ctx)
	switch {
	case err != nil && !isClosedPipe(err):
		p.fail(err)
		return statusOf(err)
	case opt.exitZero:
		return statusOK
	}
	return status
}

// program is one run with what it was given.
type program struct {
	*options
	voice
	args           []string
	stdout, stderr io.Writer
	env            func(string) string
}

// run returns the status of the report, also together with an error of writing
// it to standard output.
func (p *program) run(ctx context.Context) (int, error) {
	switch {
	case p.help:
		return statusOK, writeHelp(p.stdout)
	case p.version:
		return statusOK, writeVersion(p.stdout)
	}
	if err := refuseArchives(p.evidence); err != nil {
		return 0, err
	}
	out, err := planOutputs(p.options, p.stdout)
	if err != nil {
		return 0, err
	}
	collection, err := evtxscan.Find(ctx, p.evidence, out.exclude)
	if errors.Is(err, evtxscan.ErrNoEvidence) {
		err = fmt.Errorf("%w: %s", err, strings.Join(p.evidence, ", "))
	}
	if err != nil {
		return 0, err
	}
	if err := out.keepFrom(collection.Files()); err != nil {
		return 0, err
	}
	defer out.discard()
	if err := out.open(); err != nil {
		return 0, err
	}
	r, err := p.examine(ctx, collection)
	if err != nil {
		return 0, err
	}
	err = out.write(ctx, r, p.stdout, tableTerminal(p.stdout, p.color, p.env))
	if err == nil {
		p.sum(r, out)
	}
	return r.Status().Code, err
}

// examine reads the evidence and judges it.
func (p *program) examine(ctx context.Context, collection *evtxscan.Collection) (*report.Report, error) {
	started := time.Now()
	workers := p.workers.count()
	judge := detect.NewJudge()
	evidence, err := p.scan(ctx, collection, workers, judge)
	if err != nil {
		return nil, err
	}
	findings, passedOver, err := judge.Findings(ctx, evidence, detect.Options{Workers: workers, Since: p.since.time, Until: p.until.time})
	if err != nil {
		return nil, err
	}
	tool, _ := build()
	return &report.Report{
		Tool: tool,
		Scan: report.Scan{
			Started: evtxscan.FileTimeOf(started).String(), Finished: evtxscan.FileTimeOf(time.Now()).String(),
			Arguments: p.args, Workers: workers,
		},
		Options:  report.Options{Since: p.since.time, Until: p.until.time, LiveOnly: p.liveOnly, Hash: !p.noHash},
		Case:     report.Case{ID: p.caseID, Examiner: p.examiner},
		Rule:     detect.ElasticRule(),
		Findings: findings, PassedOver: passedOver,
		Evidence: evidence,
	}, nil
}

// scan reads the evidence, with the progress in view where that is wanted.
func (p *program) scan(ctx context.Context, collection *evtxscan.Collection, workers int, judge *detect.Judge) (*evtxscan.Evidence, error) {
	opt := evtxscan.Options{Workers: workers, Hash: !p.noHash, LiveOnly: p.liveOnly, Glance: judge.Glance, Keep: judge.Wants}
	if p.showsProgress() {
		opt.Progress = new(evtxscan.Progress)
		fd, _ := terminalFd(p.stderr)
		m := &meter{w: p.stderr, now: time.Now, bytes: opt.Progress.Bytes, width: func() int { return widthOf(fd, 80) }}
		defer m.start()()
	}
	return collection.Scan(ctx, opt)
}

// showsProgress reports whether standard error gets the progress: on demand,
// and on a terminal that can draw a line again.
func (p *program) showsProgress() bool {
	_, isTerminal := terminalFd(p.stderr)
	switch {
	case p.quiet || p.progress == "never":
		return false
	case p.progress == "always":
		return true
	}
	return isTerminal && p.env("TERM") != "dumb"
}

// sum tells a person who sees no table what the report amounts to.
func (p *program) sum(r *report.Report, out *outputs) {
	status := r.Status()
	amount := strings.Join(status.Reasons, "; ")
	if amount == "" {
		amount = "nothing found, everything examined"
	}
	switch {
	case len(out.files) > 0:
		p.say(amount + "; written: " + strings.Join(p.outputs, ", "))
	case out.stdout.Name != report.Formats()[0].Name && !status.Examined:
		p.say(amount)
	}
}
