package main

import (
	"strings"
	"testing"
	"time"
)

func TestProgressLine(t *testing.T) {
	for _, c := range []struct {
		done, total int64
		elapsed     time.Duration
		want        string
	}{
		{0, 100, 0, "  0%  0 B of 100 B"},
		{0, 100, time.Second, "  0%  0 B of 100 B"},
		{512 << 20, 2 << 30, 2 * time.Second, " 25%  512.0 MiB of 2.0 GiB  256.0 MiB/s  6s left"},
		{1 << 30, 10 << 40, 10 * time.Second, "  0%  1.0 GiB of 10.0 TiB  102.4 MiB/s  28h26m30s left"},
		{1023, 1024, time.Second, " 99%  1023 B of 1.0 KiB  1023 B/s  0s left"},
		{1024, 1024, time.Second, "100%  1.0 KiB of 1.0 KiB  1.0 KiB/s  0s left"},
		{1, 1 << 62, time.Hour, "  0%  1 B of 4194304.0 TiB  0 B/s"},
	} {
		if got := progressLine(c.done, c.total, c.elapsed); got != c.want {
			t.Errorf("%d of %d after %v:\n got %q\nwant %q", c.done, c.total, c.elapsed, got, c.want)
		}
	}
}

// The line is drawn over itself, never wider than the terminal, and removed.
func TestMeter(t *testing.T) {
	var out strings.Builder
	clock := time.Unix(0, 0)
	done, total := int64(0), int64(0)
	width := 80
	m := &meter{
		w: &out, width: func() int { return width }, now: func() time.Time { return clock },
		bytes: func() (int64, int64) { return done, total }, began: clock,
	}
	drawn := func() string {
		defer out.Reset()
		m.draw()
		return out.String()
	}
	if got := drawn(); got != "" {
		t.Errorf("drew %q before the total was known", got)
	}
	done, total, clock = 1<<20, 4<<20, clock.Add(time.Second)
	const first = " 25%  1.0 MiB of 4.0 MiB  1.0 MiB/s  3s left"
	if got := drawn(); got != "\r"+first {
		t.Errorf("drew %q", got)
	}
	width = 12
	if got, want := drawn(), "\r 25%  1.0 M"+strings.Repeat(" ", len(first)-11); got != want {
		t.Errorf("drew %q, want %q", got, want)
	}
	done = 5 << 20
	if got := drawn(); got != "\r100%  4.0 M" {
		t.Errorf("drew %q beyond the end", got)
	}
	m.clear()
	if got := out.String(); got != "\r"+strings.Repeat(" ", 11)+"\r" {
		t.Errorf("cleared with %q", got)
	}
}
