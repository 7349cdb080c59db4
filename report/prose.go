package report

import (
	"fmt"
	"strings"

	"pstrail/evtxscan"
)

// This file puts numbers, times and lists into words.

type integer interface{ int | int64 | uint64 }

// count returns n with the noun that fits it.
func count[N integer](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// thousands returns n with a comma between each three digits.
func thousands[N integer](n N) string {
	digits := fmt.Sprint(n)
	var b []byte
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			b = append(b, ',')
		}
		b = append(b, digits[i])
	}
	return string(b)
}

// fullTime and seconds write a time for a person, with seven digits and with
// seconds; one that is not valid by its stored value.
func fullTime(t instant) string { return evtxscan.FileTime(t).String() }

func seconds(t instant) string {
	if !evtxscan.FileTime(t).Valid() {
		return evtxscan.FileTime(t).String()
	}
	return evtxscan.FileTime(t).Time().Format("2006-01-02 15:04:05Z")
}

// joinedWith joins the texts of a list.
func joinedWith[T any](list []T, separator string, text func(T) string) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = text(e)
	}
	return strings.Join(parts, separator)
}

// prose joins what is added to it; what is empty leaves no trace.
type prose struct {
	separator string
	strings.Builder
}

func (p *prose) add(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if text != "" && p.Len() > 0 {
		p.WriteString(p.separator)
	}
	p.WriteString(text)
}
