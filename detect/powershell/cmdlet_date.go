package powershell

// Get-Date: a date that is given or that of the clock, with parts that are given
// in their place.

import (
	"strings"
	"time"
)

// dateParts are the parameters for the parts of a date.
var dateParts = []string{"Year", "Month", "Day", "Hour", "Minute", "Second", "Millisecond"}

// clocks are moments that have no part in common, nor the day of the week: what
// is the same for all of them does not depend on the clock.
var clocks = []time.Time{
	time.Date(1998, 1, 2, 1, 13, 24, 111e6, time.UTC), time.Date(2031, 10, 11, 14, 38, 45, 352e6, time.UTC),
	time.Date(2046, 12, 26, 22, 59, 6, 987e6, time.UTC),
}

func getDate(x *execution) error {
	in := x.in
	date, given := x.Arg("Date")
	if !given && len(x.Input) > 0 {
		date, given = x.Input[0], true
	}
	if _, unix := x.Arg("UnixTimeSeconds"); unix || x.Switch("AsUTC") != No {
		return x.Out(x.unknownDate(in.unknown(x.Source(), OriginClock)))
	}
	bases := clocks
	if given {
		if isUnknown(date) {
			return x.Out(x.unknownDate(x.unknown(date)))
		}
		v, err := toDateTime(in, date)
		if o, ok := date.(*Object); ok && o.Type == typeDateTime {
			v, err = o, nil
		}
		if err != nil {
			return err
		}
		d, ok := dateOf(v)
		if !ok {
			return x.Out(x.unknownDate(x.unknown(v)))
		}
		bases = []time.Time{d.time()}
	}
	var result Value
	for i, base := range bases {
		d, known, err := x.replaceParts(base)
		if err != nil {
			return err
		}
		v := x.formattedDate(newDateTime(dateFromTime(d)))
		if !known || isUnknown(v) || i > 0 && !sameValue(v, result) && !sameDate(v, result) {
			u := in.unknown(x.Source(), OriginClock)
			if given {
				u = in.unknown(x.Source(), OriginCommand)
			}
			return x.Out(x.unknownDate(u))
		}
		result = v
	}
	return x.Out(result)
}

func sameDate(a, b Value) bool {
	d, ok := dateOf(a)
	e, ok2 := dateOf(b)
	return ok && ok2 && d.ticks == e.ticks
}

// unknownDate is an unknown date, or one as text.
func (x *execution) unknownDate(u *Unknown) Value {
	u.Type = typeDateTime
	for _, name := range []string{"Format", "UFormat"} {
		if _, ok := x.Arg(name); ok {
			u.Type = typeString
		}
	}
	return u
}

// replaceParts puts the parts that are given in the place of a date's own. The
// milliseconds of the clock are left out where all else is given.
func (x *execution) replaceParts(base time.Time) (d time.Time, known bool, err error) {
	parts := [7]int{base.Year(), int(base.Month()), base.Day(), base.Hour(), base.Minute(), base.Second(), base.Nanosecond() / 1e6}
	count := 0
	for i, name := range dateParts {
		n, has, ok := x.number(name)
		if !ok {
			return base, false, nil
		}
		if has {
			parts[i] = n
			count++
		} else if i == 6 && count == 6 {
			parts[i] = 0
		}
	}
	if count == 0 {
		return base, true, nil
	}
	d = time.Date(parts[0], time.Month(parts[1]), parts[2], parts[3], parts[4], parts[5], parts[6]*1e6, time.UTC)
	if d.Day() != parts[2] || int(d.Month()) != parts[1] || d.Hour() != parts[3] || d.Minute() != parts[4] || d.Second() != parts[5] {
		return d, false, x.in.thrown("System.Management.Automation.ParameterBindingException", "There is no such date.")
	}
	return d, true, nil
}

func (x *execution) formattedDate(v Value) Value {
	format, hasFormat := x.Arg("Format")
	unix, hasUFormat := x.Arg("UFormat")
	d, isDate := dateOf(v)
	switch {
	case hasUFormat:
		spec, ok := x.in.text(unix).(string)
		if s, fits := unixDate(d, spec, x.in.dialect()); ok && isDate && fits {
			return s
		}
		return x.in.unknown(x.Source(), OriginCommand)
	case !hasFormat:
		return v
	}
	spec, ok := x.in.text(format).(string)
	if !ok || !isDate {
		return x.unknown(format, v)
	}
	if s, ok := d.format(spec, x.in.dialect()); ok {
		return s
	}
	return x.in.unknown(x.Source(), OriginCommand)
}

// unixFormats are the specifiers of -UFormat that are the same in all versions.
var unixFormats = map[byte]string{
	'Y': "yyyy", 'y': "yy", 'm': "MM", 'd': "dd", 'H': "HH", 'I': "hh", 'M': "mm", 'S': "ss", 'p': "tt", 'B': "MMMM", 'b': "MMM", 'h': "MMM",
	'A': "dddd", 'a': "ddd", 'D': "MM/dd/yy", 'T': "HH:mm:ss", 'R': "HH:mm",
}

// unixDate formats a date as -UFormat does.
func unixDate(d dateTime, spec string, dialect Dialect) (string, bool) {
	spec = strings.TrimPrefix(spec, "+")
	var b strings.Builder
	for i := 0; i < len(spec); i++ {
		if spec[i] != '%' || i+1 == len(spec) {
			b.WriteByte(spec[i])
			continue
		}
		i++
		switch spec[i] {
		case '%':
			b.WriteByte('%')
			continue
		case 'n':
			b.WriteByte('\n')
			continue
		case 't':
			b.WriteByte('\t')
			continue
		}
		custom, ok := unixFormats[spec[i]]
		if !ok {
			return "", false
		}
		s, ok := d.format(custom, dialect)
		if !ok {
			return "", false
		}
		b.WriteString(s)
	}
	return b.String(), true
}
