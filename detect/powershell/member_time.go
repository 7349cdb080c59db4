package powershell

// Members of dates and time spans.

import (
	"fmt"
	"math"
	"strings"
	"time"
)

func dateOf(v Value) (dateTime, bool) {
	if o, ok := v.(*Object); ok {
		d, ok := o.Payload.(dateTime)
		return d, ok
	}
	return dateTime{}, false
}

func addTimeMembers(l *library) {
	addDateMembers(l)
	addSpanMembers(l)
}

func addDateMembers(l *library) {
	part := func(get func(t time.Time) int) property {
		return func(_ *Interpreter, v Value) Value { d, _ := dateOf(v); return int32(get(d.time())) }
	}
	l.addProperties(typeDateTime, map[string]property{
		"year": part(time.Time.Year), "month": part(func(t time.Time) int { return int(t.Month()) }), "day": part(time.Time.Day),
		"hour": part(time.Time.Hour), "minute": part(time.Time.Minute), "second": part(time.Time.Second),
		"millisecond": part(func(t time.Time) int { return t.Nanosecond() / 1_000_000 }), "dayofyear": part(time.Time.YearDay),
		"ticks": func(_ *Interpreter, v Value) Value { d, _ := dateOf(v); return d.ticks },
		"date": func(_ *Interpreter, v Value) Value {
			d, _ := dateOf(v)
			return newDateTime(dateTime{d.ticks - d.ticks%(86400*ticksPerSecond), d.utc})
		},
		"timeofday": func(_ *Interpreter, v Value) Value {
			d, _ := dateOf(v)
			return newTimeSpan(timeSpan(d.ticks % (86400 * ticksPerSecond)))
		},
		"dayofweek": func(in *Interpreter, v Value) Value {
			d, _ := dateOf(v)
			n := int64(d.time().Weekday())
			return newEnum("System.DayOfWeek", nil, in.lib().enums["System.DayOfWeek"].name(n), n)
		},
		"kind": func(_ *Interpreter, v Value) Value {
			if d, _ := dateOf(v); d.utc {
				return newEnum("System.DateTimeKind", nil, "Utc", 1)
			}
			return newEnum("System.DateTimeKind", nil, "Unspecified", 0)
		},
		"datetime": func(_ *Interpreter, v Value) Value {
			d, _ := dateOf(v)
			s, _ := d.format("F", WindowsPowerShell)
			return s
		},
	})
	methods := map[string]method{
		"addmonths": known(func(c *call) (Value, error) { return c.moved(1) }), "addyears": known(func(c *call) (Value, error) { return c.moved(12) }),
		"addticks":        known(func(c *call) (Value, error) { return c.in.dateArithmetic(KindPlus, c.date(), c.arg(0)) }),
		"add":             known(func(c *call) (Value, error) { return c.in.dateArithmetic(KindPlus, c.date(), c.arg(0)) }),
		"subtract":        known(func(c *call) (Value, error) { return c.in.dateArithmetic(KindMinus, c.date(), c.arg(0)) }),
		"touniversaltime": known((*call).zoneDependent), "tolocaltime": known((*call).zoneDependent), "tofiletime": known((*call).zoneDependent),
		"tofiletimeutc": known((*call).zoneDependent), "getdatetimeformats": known((*call).zoneDependent), "tooadate": known((*call).zoneDependent),
		"isdaylightsavingtime": known((*call).zoneDependent),
	}
	for unit, ticks := range timeUnits {
		methods["add"+unit] = known(func(c *call) (Value, error) { return c.later(ticks) })
	}
	for name, format := range map[string]string{"toshortdatestring": "d", "tolongdatestring": "D", "toshorttimestring": "t", "tolongtimestring": "T"} {
		methods[name] = known(func(c *call) (Value, error) {
			s, _ := c.date().format(format, c.in.dialect())
			return s, nil
		})
	}
	l.addMethods(typeDateTime, methods)
	l.addStatics(typeDateTime, map[string]method{
		"parse":      known(func(c *call) (Value, error) { return toDateTime(c.in, c.text(0)) }),
		"parseexact": known((*call).parseExact),
		"tryparse":   opened((*call).tryParseDate),
		"daysinmonth": known(func(c *call) (Value, error) {
			y, err := c.integer(0)
			if err != nil {
				return nil, err
			}
			m, err := c.integer(1)
			return int32(time.Date(y, time.Month(m+1), 0, 0, 0, 0, 0, time.UTC).Day()), err
		}),
		"isleapyear": known(func(c *call) (Value, error) {
			y, err := c.integer(0)
			return y%4 == 0 && (y%100 != 0 || y%400 == 0), err
		}),
		"specifykind": known(func(c *call) (Value, error) {
			d, _ := dateOf(c.arg(0))
			d.utc = foldCase(c.text(1)) == "utc"
			return newDateTime(d), nil
		}),
		"compare": known(func(c *call) (Value, error) {
			a, _ := dateOf(c.arg(0))
			b, _ := dateOf(c.arg(1))
			return int32(a.compare(b)), nil
		}),
	})
	l.addStaticProperties(typeDateTime, map[string]staticProperty{
		"now": outside("[datetime]::Now", OriginClock), "utcnow": outside("[datetime]::UtcNow", OriginClock), "today": outside("[datetime]::Today", OriginClock),
		"minvalue": constant(newDateTime(dateTime{})), "maxvalue": constant(newDateTime(dateTime{ticks: maxTicks})),
	})
	l.constructors[typeDateTime] = known((*call).newDate)
}

// timeUnits are the ticks of the units that Add... and From... count.
var timeUnits = map[string]float64{
	"days": 86400 * ticksPerSecond, "hours": 3600 * ticksPerSecond, "minutes": 60 * ticksPerSecond, "seconds": ticksPerSecond,
	"milliseconds": ticksPerSecond / 1000,
}

func (c *call) date() dateTime {
	d, _ := dateOf(c.target)
	return d
}

// zoneDependent is what the time zone of the machine decides.
func (c *call) zoneDependent() (Value, error) {
	u := c.unknown()
	u.Origin = OriginEnvironment
	return u, nil
}

func (c *call) later(unit float64) (Value, error) {
	f, err := c.in.toFloat(c.arg(0), "System.Double")
	if err != nil {
		return nil, err
	}
	ticks := f.(float64) * unit
	if math.Abs(ticks) > maxTicks || math.IsNaN(ticks) {
		return nil, c.outOfRange("The added or subtracted value results in an un-representable DateTime. Parameter name: value")
	}
	d, ok := c.date().added(int64(math.RoundToEven(ticks)))
	if !ok {
		return nil, c.outOfRange("The added or subtracted value results in an un-representable DateTime. Parameter name: value")
	}
	return newDateTime(d), nil
}

func (c *call) moved(months int) (Value, error) {
	n, err := c.integer(0)
	if err != nil {
		return nil, err
	}
	d, ok := c.date().addedMonths(max(min(n, 200_000), -200_000) * months)
	if !ok {
		return nil, c.outOfRange("The added or subtracted value results in an un-representable DateTime. Parameter name: months")
	}
	return newDateTime(d), nil
}

// newDate is of ticks or of year, month, day, and the time of day.
func (c *call) newDate() (Value, error) {
	if len(c.args) <= 1 {
		n, _ := smallInt(c.arg(0))
		return newDateTime(dateTime{ticks: min(max(n, 0), maxTicks)}), nil
	}
	var parts [7]int
	parts[1], parts[2] = 1, 1
	for i := range min(len(c.args), 7) {
		if !isNumber(c.args[i]) && i > 2 {
			break
		}
		n, err := c.integer(i)
		if err != nil {
			return nil, err
		}
		parts[i] = n
	}
	t := time.Date(parts[0], time.Month(parts[1]), parts[2], parts[3], parts[4], parts[5], parts[6]*1_000_000, time.UTC)
	if parts[0] < 1 || parts[0] > 9999 || t.Year() != parts[0] || int(t.Month()) != parts[1] || t.Day() != parts[2] || t.Hour() != parts[3] {
		return nil, c.outOfRange("Year, Month, and Day parameters describe an un-representable DateTime.")
	}
	return newDateTime(dateFromTime(t)), nil
}

func (c *call) parseExact() (Value, error) {
	layout, ok := exactLayout(c.text(1))
	if !ok {
		return c.unknown(), nil
	}
	t, err := time.Parse(layout, c.text(0))
	if err != nil || !strings.Contains(layout, "06") {
		return nil, c.fail("System.FormatException", "String was not recognized as a valid DateTime.")
	}
	return newDateTime(dateFromTime(t)), nil
}

func (c *call) tryParseDate() (Value, error) {
	s, ok := c.in.text(c.arg(0)).(string)
	d, zoned, parsed := parseDate(s)
	if !ok || zoned || !parsed {
		return c.unknown(), nil
	}
	if r := referenceIn(c.arg(len(c.args) - 1)); r != nil {
		return true, r.set(newDateTime(d))
	}
	return true, nil
}

func addSpanMembers(l *library) {
	span := func(v Value) timeSpan { return v.(*Object).Payload.(timeSpan) }
	properties := map[string]property{
		"ticks": func(_ *Interpreter, v Value) Value { return int64(span(v)) },
		"days":  func(_ *Interpreter, v Value) Value { return int32(int64(span(v)) / (86400 * ticksPerSecond)) },
	}
	for name, unit := range map[string][2]int64{"hours": {3600, 24}, "minutes": {60, 60}, "seconds": {1, 60}} {
		properties[name] = func(_ *Interpreter, v Value) Value {
			return int32(int64(span(v)) / (unit[0] * ticksPerSecond) % unit[1])
		}
	}
	properties["milliseconds"] = func(_ *Interpreter, v Value) Value { return int32(int64(span(v)) / 10_000 % 1000) }
	for name, unit := range timeUnits {
		properties["total"+name] = func(_ *Interpreter, v Value) Value { return float64(span(v)) / unit }
	}
	l.addProperties(typeTimeSpan, properties)
	l.addMethods(typeTimeSpan, map[string]method{
		"add":      known(func(c *call) (Value, error) { return c.in.arithmetic(KindPlus, c.target, c.arg(0), c.source) }),
		"subtract": known(func(c *call) (Value, error) { return c.in.arithmetic(KindMinus, c.target, c.arg(0), c.source) }),
		"negate":   known(func(c *call) (Value, error) { return newTimeSpan(-span(c.target)), nil }),
		"duration": known(func(c *call) (Value, error) { return newTimeSpan(max(span(c.target), -span(c.target))), nil }),
	})
	statics := map[string]method{"parse": known(func(c *call) (Value, error) { return toTimeSpan(c.in, c.text(0)) })}
	for name, unit := range timeUnits {
		statics["from"+name] = known(func(c *call) (Value, error) {
			f, err := c.in.toFloat(c.arg(0), "System.Double")
			if err != nil {
				return nil, err
			}
			ticks := f.(float64) * unit
			if math.Abs(ticks) > math.MaxInt64/2 || math.IsNaN(ticks) {
				return nil, c.fail("System.OverflowException", "TimeSpan overflowed because the duration is too long.")
			}
			return newTimeSpan(timeSpan(ticks)), nil
		})
	}
	statics["fromticks"] = known(func(c *call) (Value, error) { return toTimeSpan(c.in, c.arg(0)) })
	l.addStatics(typeTimeSpan, statics)
	l.addStaticProperties(typeTimeSpan, map[string]staticProperty{"zero": constant(newTimeSpan(0))})
	l.constructors[typeTimeSpan] = known((*call).newSpan)
}

// newSpan is of ticks, of h m s, of d h m s or with milliseconds.
func (c *call) newSpan() (Value, error) {
	units := []int64{86400 * ticksPerSecond, 3600 * ticksPerSecond, 60 * ticksPerSecond, ticksPerSecond, ticksPerSecond / 1000}
	switch len(c.args) {
	case 0:
		return newTimeSpan(0), nil
	case 1:
		return toTimeSpan(c.in, c.arg(0))
	case 3:
		units = units[1:]
	}
	var total int64
	for i := range min(len(c.args), len(units)) {
		n, err := c.integer(i)
		if err != nil {
			return nil, err
		}
		total += int64(n) * units[i]
	}
	return newTimeSpan(timeSpan(total)), nil
}

func addNetValueMembers(l *library) {
	uri := func(get func(u uriValue) Value) property {
		return func(_ *Interpreter, v Value) Value { return get(v.(*Object).Payload.(uriValue)) }
	}
	absolute := func(get func(u uriValue) string) property {
		return uri(func(u uriValue) Value {
			if u.parsed == nil {
				return nil
			}
			return get(u)
		})
	}
	query := func(u uriValue) string {
		if u.parsed.RawQuery == "" {
			return ""
		}
		return "?" + u.parsed.RawQuery
	}
	l.addProperties(typeURI, map[string]property{
		"originalstring": uri(func(u uriValue) Value { return u.original }), "isabsoluteuri": uri(func(u uriValue) Value { return u.parsed != nil }),
		"isunc": uri(func(u uriValue) Value { return u.unc }), "isfile": uri(func(u uriValue) Value { return u.parsed != nil && u.parsed.Scheme == "file" }),
		"host": absolute(func(u uriValue) string { return u.parsed.Hostname() }), "dnssafehost": absolute(func(u uriValue) string { return u.parsed.Hostname() }),
		"authority": absolute(func(u uriValue) string { return u.parsed.Host }), "scheme": absolute(func(u uriValue) string { return u.parsed.Scheme }),
		"localpath": absolute(uriValue.localPath), "absolutepath": absolute(func(u uriValue) string { return u.parsed.EscapedPath() }),
		"absoluteuri": absolute(func(u uriValue) string { return u.parsed.String() }), "query": absolute(query),
		"pathandquery": absolute(func(u uriValue) string { return u.parsed.EscapedPath() + query(u) }),
		"fragment": absolute(func(u uriValue) string {
			if u.parsed.Fragment == "" {
				return ""
			}
			return "#" + u.parsed.EscapedFragment()
		}),
		"userinfo": absolute(func(u uriValue) string { return u.parsed.User.String() }),
		"port": uri(func(u uriValue) Value {
			if u.parsed == nil {
				return nil
			}
			if n, ok := atoiUnits(u.parsed.Port()); ok {
				return int32(n)
			}
			if n, ok := map[string]int32{"http": 80, "https": 443, "ftp": 21}[u.parsed.Scheme]; ok {
				return n
			}
			return int32(-1)
		}),
		"segments": uri(func(u uriValue) Value {
			if u.parsed == nil {
				return nil
			}
			var segments []Value
			for _, s := range strings.SplitAfter(u.parsed.EscapedPath(), "/") {
				if s != "" {
					segments = append(segments, s)
				}
			}
			return newTypedArray("System.String", segments)
		}),
	})
	l.constructors[typeURI] = known(func(c *call) (Value, error) { return toURI(c.in, c.arg(0)) })
	l.addStatics(typeURI, map[string]method{
		"escapedatastring":   known(func(c *call) (Value, error) { return escapeData(c.text(0)), nil }),
		"unescapedatastring": known(func(c *call) (Value, error) { return unescapeData(c.text(0), false), nil }),
		"escapeuristring":    known(func(c *call) (Value, error) { return escapeURI(c.text(0)), nil }),
	})
	version := func(i int) property {
		return func(_ *Interpreter, v Value) Value { return int32(v.(*Object).Payload.(versionValue)[i]) }
	}
	l.addProperties(typeVersion, map[string]property{"major": version(0), "minor": version(1), "build": version(2), "revision": version(3)})
	l.constructors[typeVersion] = known(func(c *call) (Value, error) {
		if len(c.args) == 1 {
			return toVersion(c.in, c.arg(0))
		}
		v := versionValue{-1, -1, -1, -1}
		for i := range min(len(c.args), 4) {
			n, err := c.integer(i)
			if err != nil {
				return nil, err
			}
			v[i] = n
		}
		return newPayload(typeVersion, v), nil
	})
	l.addStatics(typeVersion, map[string]method{"parse": known(func(c *call) (Value, error) { return toVersion(c.in, c.text(0)) })})
	l.constructors[typeGUID] = known(func(c *call) (Value, error) {
		if len(c.args) == 0 {
			return newPayload(typeGUID, guidValue{}), nil
		}
		return toGUID(c.in, c.arg(0))
	})
	l.addStatics(typeGUID, map[string]method{
		"newguid": opened(func(c *call) (Value, error) {
			u := c.in.unknown("[guid]::NewGuid()", OriginCommand)
			u.Type = typeGUID
			return u, nil
		}),
		"parse": known(func(c *call) (Value, error) { return toGUID(c.in, c.text(0)) }),
	})
	l.addStaticProperties(typeGUID, map[string]staticProperty{"empty": constant(newPayload(typeGUID, guidValue{}))})
	l.addMethods(typeGUID, map[string]method{"tobytearray": known(func(c *call) (Value, error) {
		g := c.target.(*Object).Payload.(guidValue)
		return bytesValue([]byte{g[3], g[2], g[1], g[0], g[5], g[4], g[7], g[6], g[8], g[9], g[10], g[11], g[12], g[13], g[14], g[15]}), nil
	})})
	l.addProperties("System.Net.Mail.MailAddress", map[string]property{
		"address": func(_ *Interpreter, v Value) Value {
			m := v.(*Object).Payload.(mailValue)
			return m.user + "@" + m.host
		},
		"user":        func(_ *Interpreter, v Value) Value { return v.(*Object).Payload.(mailValue).user },
		"host":        func(_ *Interpreter, v Value) Value { return v.(*Object).Payload.(mailValue).host },
		"displayname": func(_ *Interpreter, v Value) Value { return v.(*Object).Payload.(mailValue).display },
	})
	l.constructors["System.Net.Mail.MailAddress"] = known(func(c *call) (Value, error) { return toMailAddress(c.in, c.arg(0)) })
	l.addProperties("System.Net.IPAddress", map[string]property{
		"ipaddresstostring": func(_ *Interpreter, v Value) Value { return v.(*Object).Payload.(addressValue).String() },
	})
	l.addStatics("System.Net.IPAddress", map[string]method{"parse": known(func(c *call) (Value, error) { return toIPAddress(c.in, c.text(0)) })})
	l.addProperties("Enum", map[string]property{
		"value__": func(_ *Interpreter, v Value) Value { return int32(v.(*Object).Payload.(*enumValue).Number) },
	})
	l.addMethods("Enum", map[string]method{
		"hasflag": known(func(c *call) (Value, error) {
			e := c.target.(*Object)
			n, ok := smallInt(c.arg(0))
			if s, isString := c.arg(0).(string); isString {
				n, ok = c.in.enumNumber(e, s)
			}
			if !ok {
				return nil, c.fail("System.ArgumentException", "The argument type does not match.")
			}
			return e.Payload.(*enumValue).Number&n == n, nil
		}),
	})
}

// escapeData is Uri.EscapeDataString.
func escapeData(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < 0x80 && (isWord(rune(c)) || strings.IndexByte("-.~", c) >= 0) {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}

// escapeURI leaves the characters that have a meaning in a URI.
func escapeURI(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < 0x80 && (isWord(rune(c)) || strings.IndexByte("-.~:/?#[]@!$&'()*+,;=%", c) >= 0) {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}

// unescapeData decodes %XX, and + as a blank for forms; what does not decode
// stays.
func unescapeData(s string, form bool) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi := strings.IndexByte("0123456789abcdef", s[i+1]|0x20)
			lo := strings.IndexByte("0123456789abcdef", s[i+2]|0x20)
			if s[i+1] <= '9' {
				hi = strings.IndexByte("0123456789", s[i+1])
			}
			if s[i+2] <= '9' {
				lo = strings.IndexByte("0123456789", s[i+2])
			}
			if hi >= 0 && lo >= 0 {
				b.WriteByte(byte(hi<<4 | lo))
				i += 2
				continue
			}
		}
		if form && s[i] == '+' {
			b.WriteByte(' ')
			continue
		}
		b.WriteByte(s[i])
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}
