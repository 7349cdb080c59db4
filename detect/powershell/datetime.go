package powershell

// Dates and time spans: reading, writing, arithmetic. The clock itself is
// never read: the present is unknown.

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ticks are 100 ns; those of the year 1970 on .NET's calendar.
const (
	ticksPerSecond = 10_000_000
	unixEpochTicks = 621355968000000000
	maxTicks       = 3155378975999999999
)

// dateTime is the payload of a DateTime: a wall clock's time, in ticks since
// the year 1.
type dateTime struct {
	ticks int64
	utc   bool
}

func newDateTime(d dateTime) *Object { return newPayload(typeDateTime, d) }

func dateFromTime(t time.Time) dateTime {
	return dateTime{ticks: t.Unix()*ticksPerSecond + int64(t.Nanosecond()/100) + unixEpochTicks}
}

func (d dateTime) time() time.Time {
	n := d.ticks - unixEpochTicks
	seconds := n / ticksPerSecond
	rest := n % ticksPerSecond
	return time.Unix(seconds, rest*100).UTC()
}

func (d dateTime) key() string { return strconv.FormatInt(d.ticks, 10) }

// String is the text in the invariant culture.
func (d dateTime) String() string {
	s, _ := d.custom("MM/dd/yyyy HH:mm:ss")
	return s
}

func (d dateTime) compare(other any) int {
	o := other.(dateTime)
	switch {
	case d.ticks < o.ticks:
		return -1
	case d.ticks > o.ticks:
		return 1
	}
	return 0
}

// added is the date that many ticks later; ok is false beyond the calendar.
func (d dateTime) added(ticks int64) (dateTime, bool) {
	sum := d.ticks + ticks
	if sum < 0 || sum > maxTicks || ticks > maxTicks || ticks < -maxTicks {
		return d, false
	}
	return dateTime{sum, d.utc}, true
}

// addedMonths keeps the day where the month has it, else takes its last.
func (d dateTime) addedMonths(n int) (dateTime, bool) {
	if n < -120_000 || n > 120_000 {
		return d, false
	}
	t := d.time()
	months := t.Year()*12 + int(t.Month()) - 1 + n
	year, month := months/12, time.Month(months%12+1)
	if year < 1 || year > 9999 {
		return d, false
	}
	last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	moved := time.Date(year, month, min(t.Day(), last), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	return dateTime{dateFromTime(moved).ticks, d.utc}, true
}

// standardDates are the standard formats of en-US as custom ones.
var standardDates = map[byte]string{
	'd': "M/d/yyyy", 'D': "dddd, MMMM d, yyyy", 'f': "dddd, MMMM d, yyyy h:mm tt", 'F': "dddd, MMMM d, yyyy h:mm:ss tt",
	'g': "M/d/yyyy h:mm tt", 'G': "M/d/yyyy h:mm:ss tt", 'm': "MMMM d", 'M': "MMMM d",
	'r': "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'", 'R': "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
	's': "yyyy'-'MM'-'dd'T'HH':'mm':'ss", 't': "h:mm tt", 'T': "h:mm:ss tt", 'u': "yyyy'-'MM'-'dd HH':'mm':'ss'Z'",
	'y': "MMMM yyyy", 'Y': "MMMM yyyy", 'o': "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK", 'O': "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
}

// format writes the date by a standard or custom format of en-US.
func (d dateTime) format(spec string, _ Dialect) (string, bool) {
	if spec == "" {
		spec = "G"
	}
	if len(spec) == 1 {
		custom, ok := standardDates[spec[0]]
		if !ok {
			return "", false
		}
		spec = custom
	}
	return d.custom(spec)
}

func (d dateTime) custom(spec string) (string, bool) {
	t := d.time()
	var b strings.Builder
	for i := 0; i < len(spec); {
		c := spec[i]
		switch c {
		case '\'', '"':
			end := strings.IndexByte(spec[i+1:], c)
			if end < 0 {
				return "", false
			}
			b.WriteString(spec[i+1 : i+1+end])
			i += end + 2
			continue
		case '\\':
			if i+1 >= len(spec) {
				return "", false
			}
			b.WriteByte(spec[i+1])
			i += 2
			continue
		case '%':
			i++
			continue
		}
		n := 1
		for i+n < len(spec) && spec[i+n] == c {
			n++
		}
		field, ok := d.field(t, c, n)
		if !ok {
			return "", false
		}
		if field == "" && !isDateLetter(c) {
			field = spec[i : i+n]
		}
		b.WriteString(field)
		i += n
	}
	return b.String(), true
}

func isDateLetter(c byte) bool { return strings.IndexByte("dfFghHKmMstyz", c) >= 0 }

// field is one run of a format letter.
func (d dateTime) field(t time.Time, c byte, n int) (string, bool) {
	padded := func(v int) string { return fmt.Sprintf("%0*d", min(n, 2), v) }
	switch c {
	case 'y':
		switch n {
		case 1:
			return strconv.Itoa(t.Year() % 100), true
		case 2:
			return fmt.Sprintf("%02d", t.Year()%100), true
		}
		return fmt.Sprintf("%0*d", min(n, 16), t.Year()), true
	case 'M':
		switch {
		case n == 3:
			return t.Month().String()[:3], true
		case n > 3:
			return t.Month().String(), true
		}
		return padded(int(t.Month())), true
	case 'd':
		switch {
		case n == 3:
			return t.Weekday().String()[:3], true
		case n > 3:
			return t.Weekday().String(), true
		}
		return padded(t.Day()), true
	case 'H':
		return padded(t.Hour()), true
	case 'h':
		return padded((t.Hour()+11)%12 + 1), true
	case 'm':
		return padded(t.Minute()), true
	case 's':
		return padded(t.Second()), true
	case 't':
		return t.Format("PM")[:min(n, 2)], true
	case 'f', 'F':
		if n > 7 {
			return "", false
		}
		s := fmt.Sprintf("%07d", d.ticks%ticksPerSecond)[:n]
		if c == 'F' {
			s = strings.TrimRight(s, "0")
		}
		return s, true
	case 'g':
		return "A.D.", true
	case 'K':
		if d.utc {
			return "Z", true
		}
		return "", true
	case 'z':
		return "", d.utc
	}
	return "", true
}

// dateLayouts are the ways in which a date is written that a cast reads, as
// the invariant culture does.
var dateLayouts = []string{
	"2006-1-2", "1/2/2006", "2006/1/2", "1-2-2006", "2 January 2006", "January 2, 2006", "January 2 2006", "2 Jan 2006", "Jan 2, 2006",
	"Jan 2 2006", "2-Jan-2006", "Monday, January 2, 2006", "Monday, 2 January 2006", "Mon, 2 Jan 2006", "1/2/06", "2006-1", "January 2006",
	"2006.1.2",
}

var timeLayouts = []string{"", " 15:4:5.9999999", " 15:4:5", " 15:4", " 3:4:5 PM", " 3:4 PM", " 3 PM", "T15:4:5.9999999", "T15:4:5", "T15:4", " 3:4:5PM", " 3:4PM"}

// parseDate reads a date as a cast does. zoned is set if it names a time zone,
// whose conversion to the local one is not known.
func parseDate(s string) (d dateTime, zoned, ok bool) {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 64 {
		return d, false, false
	}
	for _, date := range dateLayouts {
		for _, clock := range timeLayouts {
			if t, err := time.Parse(date+clock, s); err == nil && t.Year() >= 1 {
				return dateFromTime(t), false, true
			}
			for _, zone := range []string{"Z07:00", " -07:00", " MST"} {
				if t, err := time.Parse(date+clock+zone, s); err == nil && clock != "" {
					return dateFromTime(t), true, true
				}
			}
		}
	}
	return d, false, false
}

// exactLayout makes a layout of time.Parse of a custom format; ok is false for
// formats that it cannot stand in for.
func exactLayout(format string) (string, bool) {
	letters := map[string]string{
		"yyyy": "2006", "yy": "06", "MMMM": "January", "MMM": "Jan", "MM": "01", "M": "1", "dddd": "Monday", "ddd": "Mon",
		"dd": "02", "d": "2", "HH": "15", "H": "15", "hh": "03", "h": "3", "mm": "04", "m": "4", "ss": "05", "s": "5", "tt": "PM",
	}
	var b strings.Builder
	for i := 0; i < len(format); {
		n := 1
		for i+n < len(format) && format[i+n] == format[i] {
			n++
		}
		run := format[i : i+n]
		layout, ok := letters[run]
		switch {
		case ok:
			b.WriteString(layout)
		case strings.Trim(run, "/:-. ,_T") == "":
			b.WriteString(run)
		default:
			return "", false
		}
		i += n
	}
	return b.String(), true
}

func toDateTime(in *Interpreter, v Value) (Value, error) {
	switch x := v.(type) {
	case nil:
		return nil, in.cannotConvert(v, typeDateTime, "")
	case string:
		d, zoned, ok := parseDate(x)
		if !ok || zoned {
			return in.unknown("[datetime]"+expressionOf(v), OriginEnvironment), nil
		}
		return newDateTime(d), nil
	}
	if n, ok := smallInt(v); ok && n >= 0 && n <= maxTicks {
		return newDateTime(dateTime{ticks: n}), nil
	}
	return nil, in.cannotConvert(v, typeDateTime, "")
}

// timeSpan is the payload of a TimeSpan, in ticks.
type timeSpan int64

func newTimeSpan(t timeSpan) *Object { return newPayload(typeTimeSpan, t) }

func (t timeSpan) key() string { return strconv.FormatInt(int64(t), 10) }

func (t timeSpan) String() string {
	sign, n := "", int64(t)
	if n < 0 {
		sign, n = "-", -n
	}
	s := fmt.Sprintf("%02d:%02d:%02d", n/(3600*ticksPerSecond)%24, n/(60*ticksPerSecond)%60, n/ticksPerSecond%60)
	if days := n / (86400 * ticksPerSecond); days > 0 {
		s = strconv.FormatInt(days, 10) + "." + s
	}
	if f := n % ticksPerSecond; f > 0 {
		s += fmt.Sprintf(".%07d", f)
	}
	return sign + s
}

func (t timeSpan) compare(other any) int {
	return compareNumbers(int64(t), int64(other.(timeSpan)))
}

// format writes the span by c, g or a custom format.
func (t timeSpan) format(spec string, _ Dialect) (string, bool) {
	switch spec {
	case "", "c", "t", "T":
		return t.String(), true
	}
	n := int64(t)
	if n < 0 {
		n = -n
	}
	values := map[byte]int64{
		'd': n / (86400 * ticksPerSecond), 'h': n / (3600 * ticksPerSecond) % 24,
		'm': n / (60 * ticksPerSecond) % 60, 's': n / ticksPerSecond % 60,
	}
	var b strings.Builder
	for i := 0; i < len(spec); {
		c := spec[i]
		run := 1
		for i+run < len(spec) && spec[i+run] == c {
			run++
		}
		switch v, ok := values[c]; {
		case ok && run <= 8:
			b.WriteString(fmt.Sprintf("%0*d", run, v))
		case c == 'f' && run <= 7:
			b.WriteString(fmt.Sprintf("%07d", n%ticksPerSecond)[:run])
		case c == '\\' && i+1 < len(spec):
			b.WriteByte(spec[i+1])
			i += 2
			continue
		case c == '\'':
			end := strings.IndexByte(spec[i+1:], c)
			if end < 0 {
				return "", false
			}
			b.WriteString(spec[i+1 : i+1+end])
			i += end + 2
			continue
		default:
			return "", false
		}
		i += run
	}
	return b.String(), true
}

// parseTimeSpan reads [-][d.]hh:mm[:ss[.fffffff]] or a number of days.
func parseTimeSpan(s string) (timeSpan, bool) {
	s = strings.TrimSpace(s)
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	var days, ticks int64
	clock := s
	if head, rest, ok := strings.Cut(s, "."); ok && strings.Contains(rest, ":") {
		n, ok := atoiUnits(head)
		if !ok {
			return 0, false
		}
		days, clock = int64(n), rest
	}
	if n, ok := atoiUnits(s); ok {
		days, clock = int64(n), ""
	}
	if clock != "" {
		seconds, fraction, _ := strings.Cut(clock, ".")
		parts := strings.Split(seconds, ":")
		if len(parts) < 2 || len(parts) > 3 || len(fraction) > 7 {
			return 0, false
		}
		for i, limit := range []int{24, 60, 60}[:len(parts)] {
			n, ok := atoiUnits(parts[i])
			if !ok || n >= limit {
				return 0, false
			}
			ticks += int64(n) * []int64{3600, 60, 1}[i] * ticksPerSecond
		}
		if fraction != "" {
			n, ok := atoiUnits(fraction + strings.Repeat("0", 7-len(fraction)))
			if !ok {
				return 0, false
			}
			ticks += int64(n)
		}
	}
	if days > 10_675_199 {
		return 0, false
	}
	ticks += days * 86400 * ticksPerSecond
	if negative {
		ticks = -ticks
	}
	return timeSpan(ticks), true
}

func toTimeSpan(in *Interpreter, v Value) (Value, error) {
	if s, ok := v.(string); ok {
		if t, ok := parseTimeSpan(s); ok {
			return newTimeSpan(t), nil
		}
		return nil, in.cannotConvert(v, typeTimeSpan, in.badNumber(s))
	}
	if n, ok := smallInt(v); ok {
		return newTimeSpan(timeSpan(n)), nil
	}
	return nil, in.cannotConvert(v, typeTimeSpan, "")
}

// timeArithmetic is + and - on dates and spans.
func (in *Interpreter) timeArithmetic(op TokenKind, l, r Value) (Value, bool, error) {
	left, ok := l.(*Object)
	if !ok || op != KindPlus && op != KindMinus {
		return nil, false, nil
	}
	switch x := left.Payload.(type) {
	case dateTime:
		v, err := in.dateArithmetic(op, x, r)
		return v, true, err
	case timeSpan:
		right, err := toTimeSpanValue(in, r)
		if err != nil {
			return nil, true, err
		}
		if op == KindMinus {
			right = -right
		}
		return newTimeSpan(x + right), true, nil
	}
	return nil, false, nil
}

func (in *Interpreter) dateArithmetic(op TokenKind, d dateTime, r Value) (Value, error) {
	if o, ok := r.(*Object); ok && op == KindMinus {
		if other, ok := o.Payload.(dateTime); ok {
			return newTimeSpan(timeSpan(d.ticks - other.ticks)), nil
		}
	}
	span, err := toTimeSpanValue(in, r)
	if err != nil {
		return nil, err
	}
	if op == KindMinus {
		span = -span
	}
	sum, ok := d.added(int64(span))
	if !ok {
		return nil, in.thrown("System.ArgumentOutOfRangeException", "The added or subtracted value results in an un-representable DateTime.")
	}
	return newDateTime(sum), nil
}

func toTimeSpanValue(in *Interpreter, v Value) (timeSpan, error) {
	if o, ok := v.(*Object); ok {
		if t, ok := o.Payload.(timeSpan); ok {
			return t, nil
		}
	}
	converted, err := toTimeSpan(in, v)
	if err != nil {
		return 0, err
	}
	return converted.(*Object).Payload.(timeSpan), nil
}
