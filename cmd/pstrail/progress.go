package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// meter draws how far the reading is, on one line that it draws again and
// removes at the end. It needs nothing of a terminal but the carriage return.
type meter struct {
	w     io.Writer
	width func() int // of the terminal, which may change
	now   func() time.Time
	bytes func() (done, total int64)

	began time.Time
	drawn int // columns of the line that stands there
}

// redrawn is how often the line is drawn.
const redrawn = 200 * time.Millisecond

// start draws until the function that it returns is called.
func (m *meter) start() (stop func()) {
	m.began = m.now()
	done := make(chan struct{})
	var drawing sync.WaitGroup
	drawing.Go(func() {
		ticker := time.NewTicker(redrawn)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				m.draw()
			case <-done:
				m.clear()
				return
			}
		}
	})
	return func() {
		close(done)
		drawing.Wait()
	}
}

func (m *meter) draw() {
	done, total := m.bytes()
	if total == 0 {
		return
	}
	line := progressLine(min(done, total), total, m.now().Sub(m.began))
	if room := max(m.width()-1, 0); len(line) > room {
		line = line[:room] // a line that wraps cannot be drawn again
	}
	fmt.Fprintf(m.w, "\r%-*s", m.drawn, line)
	m.drawn = len(line)
}

func (m *meter) clear() {
	if m.drawn > 0 {
		fmt.Fprintf(m.w, "\r%s\r", strings.Repeat(" ", m.drawn))
		m.drawn = 0
	}
}

// progressLine says how much was read, how fast, and how long the rest takes at
// that rate. It is ASCII.
func progressLine(done, total int64, elapsed time.Duration) string {
	line := fmt.Sprintf("%3d%%  %s of %s", int(float64(done)/float64(total)*100), byteSize(done), byteSize(total))
	if done == 0 || elapsed <= 0 {
		return line
	}
	rate := float64(done) / elapsed.Seconds()
	line += fmt.Sprintf("  %s/s", byteSize(int64(rate)))
	if left := float64(total-done) / rate; left < 100*60*60 { // a longer one is no estimate
		line += fmt.Sprintf("  %v left", time.Duration(left+0.5)*time.Second)
	}
	return line
}

// byteSize returns a count of bytes in the largest unit that leaves a whole
// number before the point.
func byteSize(n int64) string {
	if n < 1<<10 {
		return fmt.Sprintf("%d B", n)
	}
	size, unit := float64(n)/(1<<10), 0
	for size >= 1<<10 && unit < len(byteUnits)-1 {
		size /= 1 << 10
		unit++
	}
	return fmt.Sprintf("%.1f %ciB", size, byteUnits[unit])
}

const byteUnits = "KMGT"
