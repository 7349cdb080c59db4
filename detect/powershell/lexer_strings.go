package powershell

import "math"

// valueBuilder collects what a string or word means: mostly the text itself,
// of which it is then a part, without escapes and quotes where there are any.
type valueBuilder struct {
	text  string
	from  int // where the text begins that is not in buf yet
	buf   []byte
	built bool // buf is in use
	// inWord: the value goes on behind the closing quote of a string.
	inWord bool
}

// drop takes what stands between two offsets out.
func (v *valueBuilder) drop(from, to int) {
	v.buf = append(v.buf, v.text[v.from:from]...)
	v.from = to
	v.built = true
}

// put adds a character at the end; what precedes it must have been dropped.
func (v *valueBuilder) put(r rune) { v.buf = appendUnit(v.buf, r) }

// length returns the length of the value if it ended at pos.
func (v *valueBuilder) length(pos int) int { return len(v.buf) + pos - v.from }

// value returns the value that ends at pos.
func (v *valueBuilder) value(pos int) string {
	if !v.built {
		return v.text[v.from:pos]
	}
	v.buf = append(v.buf, v.text[v.from:pos]...)
	return string(v.buf)
}

// singleQuoted reads a string; the quote is read.
func (l *lexer) singleQuoted() TokenKind {
	v := valueBuilder{text: l.text, from: l.pos, buf: l.buf[:0]}
	end := l.scanSingleQuoted(&v)
	return l.emitBuilt(KindStringLiteral, &v, end)
}

// scanSingleQuoted reads up to the closing quote, which it drops if the value
// goes on (in a word). It returns where the content ends.
func (l *lexer) scanSingleQuoted(v *valueBuilder) (end int) {
	open := l.pos
	for {
		l.pos = l.classStart(charSingleStop)
		r, n := l.rune(l.pos)
		if n == 0 {
			l.cut(open-1, "the string is not closed with a single quote")
			return l.pos
		}
		l.pos += n
		if !isSingleQuote(r) {
			continue
		}
		second, m := l.rune(l.pos)
		if m == 0 || !isSingleQuote(second) {
			return l.closeQuote(v, n)
		}
		v.drop(l.pos-n, l.pos)
		l.pos += m
	}
}

// closeQuote ends a string at the quote of n bytes before pos.
func (l *lexer) closeQuote(v *valueBuilder, n int) (end int) {
	if v.inWord {
		v.drop(l.pos-n, l.pos)
		return l.pos
	}
	return l.pos - n
}

// doubleQuoted reads a string; the quote is read.
func (l *lexer) doubleQuoted() TokenKind {
	v := valueBuilder{text: l.text, from: l.pos, buf: l.buf[:0]}
	l.forgetParts()
	end := l.scanDoubleQuoted(&v)
	return l.emitExpandable(KindStringExpandable, &v, end)
}

// scanDoubleQuoted is scanSingleQuoted for a string that expands.
func (l *lexer) scanDoubleQuoted(v *valueBuilder) (end int) {
	open := l.pos
	for {
		l.pos = l.classStart(charDoubleStop)
		r, n := l.rune(l.pos)
		if n == 0 {
			l.cut(open-1, "the string is not closed with a double quote")
			return l.pos
		}
		l.pos += n
		switch {
		case r == '$':
			l.dollar(v, false)
		case r == '`':
			l.stringEscape(v)
		case isDoubleQuote(r):
			second, m := l.rune(l.pos)
			if m == 0 || !isDoubleQuote(second) {
				return l.closeQuote(v, n)
			}
			v.drop(l.pos-n, l.pos)
			l.pos += m
		}
	}
}

// dollar reads a variable or $() inside a string or word; $ is read. Where
// neither follows, the $ is a character like others.
func (l *lexer) dollar(v *valueBuilder, here bool) {
	r, _ := l.rune(l.pos)
	p := lexPart{from: l.pos - 1}
	p.value.From = int32(v.length(p.from))
	switch {
	case r == '(':
		p.clean, p.open = l.scanSubexpression(here)
	case r == '{' || isVarStart(r):
		p.name, _ = l.scanVariable(true)
		l.checkName(p.name, p.from)
	default:
		return
	}
	p.to = l.pos
	p.value.To = int32(v.length(p.to))
	l.parts = append(l.parts, p)
}

// scanSubexpression reads up to the parenthesis that balances the one at pos.
// Quotes and comments protect no parenthesis. Unless in a here-string, a
// double quote loses a backtick or another double quote before it; what is
// left is returned as a text of its own.
func (l *lexer) scanSubexpression(here bool) (clean *lexText, open bool) {
	from := l.pos - 1
	var buf []byte
	var shifts []shift
	kept := from // what precedes is in buf
	depth := 0
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		if c != '(' && c != ')' && c != '`' && c != '"' && c < 0x80 {
			l.pos++
			continue
		}
		r, n := l.rune(l.pos)
		l.pos += n
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
			if depth == 0 {
				return l.subexpression(from, kept, buf, shifts, false), false
			}
		case !here && (c == '`' || isDoubleQuote(r)):
			if next, m := l.rune(l.pos); m != 0 && isDoubleQuote(next) {
				buf = append(buf, l.text[kept:l.pos-n]...)
				kept = l.pos
				l.pos += m
				// From behind the kept quote on, all has moved.
				at := len(buf) + m
				shifts = append(shifts, shift{at, l.pos - at})
			}
		}
	}
	l.cut(from, "$( is not closed with )")
	return l.subexpression(from, kept, buf, shifts, l.open), l.open
}

func (l *lexer) subexpression(from, kept int, buf []byte, shifts []shift, open bool) *lexText {
	if shifts == nil {
		return nil
	}
	buf = append(buf, l.text[kept:l.pos]...)
	shifts = append([]shift{{0, from}}, shifts...)
	return &lexText{text: string(buf), shifts: chainShifts(shifts, l.shifts), open: open}
}

// chainShifts returns the shifts of a text within another one that has its
// own.
func chainShifts(inner, outer []shift) []shift {
	if outer == nil {
		return inner
	}
	var all []shift
	j := 0
	for i, s := range inner {
		begin := s.at + s.by
		for j+1 < len(outer) && outer[j+1].at <= begin {
			j++
		}
		by := 0
		if outer[j].at <= begin {
			by = outer[j].by
		}
		all = append(all, shift{s.at, s.by + by})
		for k := j; k < len(outer); k++ {
			at := outer[k].at - s.by
			if i+1 < len(inner) && at >= inner[i+1].at {
				break
			}
			if at > s.at {
				all = append(all, shift{at, s.by + outer[k].by})
				j = k
			}
		}
	}
	return all
}

// stringEscape is escape in a string or word, where a backtick at the end of
// the text or before NUL is itself.
func (l *lexer) stringEscape(v *valueBuilder) {
	if l.peekByte() != 0 {
		l.escape(v)
	}
}

// escape reads what follows a backtick and puts it into the value.
func (l *lexer) escape(v *valueBuilder) {
	r, n := l.rune(l.pos)
	v.drop(l.pos-1, l.pos)
	if r == 'u' && l.dialect == PowerShellCore {
		l.pos++
		v.put(l.unicodeEscape())
		v.from = l.pos
		return
	}
	if e, ok := simpleEscape(r, l.dialect); ok {
		l.pos += n
		v.put(e)
		v.from = l.pos
		return
	}
	l.pos += n
}

func simpleEscape(r rune, dialect Dialect) (rune, bool) {
	switch r {
	case '0':
		return 0, true
	case 'a':
		return '\a', true
	case 'b':
		return '\b', true
	case 'e':
		return 0x1B, dialect == PowerShellCore
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'v':
		return '\v', true
	}
	return 0, false
}

// badEscape is what the engine takes for a character that cannot be read.
const badEscape = math.MaxUint16

// unicodeEscape reads {hex} behind `u: one to six digits.
func (l *lexer) unicodeEscape() rune {
	const maxDigits = 6
	from := l.pos - 2
	if l.peekByte() != '{' {
		l.cut(from, "`u needs {hex digits}")
		return badEscape
	}
	l.pos++
	r := rune(0)
	for i := 0; ; i++ {
		c := l.peekByte()
		switch {
		case c == '}' && i > 0:
			l.pos++
			if r > 0x10FFFF {
				l.wrong(from, l.pos, "there is no such character")
				return badEscape
			}
			return r
		case c == '}':
			l.pos++
			l.wrong(from, l.pos, "`u{} needs hex digits")
			return badEscape
		case !isHexDigit(c) || i == maxDigits:
			l.cut(from, "`u{ needs one to six hex digits and }")
			return badEscape
		}
		l.pos++
		r = r<<4 | rune(hexDigitValue(c))
	}
}

func hexDigitValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// hereHeader reads the rest of the line behind the @ and quote of a
// here-string. If other characters than blanks stand there, it skips them, up
// to a terminator or the end of the line, and returns false.
func (l *lexer) hereHeader(quote byte) bool {
	l.skipBlanks()
	switch c := l.peekByte(); {
	case l.atEnd():
		l.cut(l.start, "the here-string is not closed")
		return false
	case c == '\n' || c == '\r':
		l.pos++
		if c == '\r' {
			l.skipLF()
		}
		return true
	}
	l.wrong(l.pos, l.pos+1, "a here-string begins on the next line")
	for ; !l.atEnd(); l.pos++ {
		c := l.text[l.pos]
		if charClasses[c]&charNewline != 0 {
			break
		}
		if c == quote && l.pos+1 < len(l.text) && l.text[l.pos+1] == '@' {
			l.pos += 2
			break
		}
	}
	return false
}

// hereFooter reads a quote and @ at the start of a line.
func (l *lexer) hereFooter(isQuote func(rune) bool) bool {
	r, n := l.rune(l.pos)
	if n == 0 || !isQuote(r) || l.pos+n >= len(l.text) || l.text[l.pos+n] != '@' {
		return false
	}
	l.pos += n + 1
	return true
}

// hereLiteral reads a here-string; @ and quote are read.
func (l *lexer) hereLiteral() TokenKind {
	if !l.hereHeader('\'') {
		return l.emit(KindHereStringLiteral)
	}
	from := l.pos
	end := from
	for !l.hereFooter(isSingleQuote) {
		l.pos = endOfLine(l.text, l.pos)
		end = l.pos
		if l.atEnd() {
			l.cut(l.start, "the here-string is not closed")
			break
		}
		l.newline()
	}
	return l.emitValue(KindHereStringLiteral, from, end)
}

// newline skips the line end at pos.
func (l *lexer) newline() {
	l.pos++
	if l.text[l.pos-1] == '\r' {
		l.skipLF()
	}
}

// hereExpandable reads a here-string that expands; @ and quote are read.
func (l *lexer) hereExpandable() TokenKind {
	if !l.hereHeader('"') {
		return l.emit(KindHereStringExpandable)
	}
	v := valueBuilder{text: l.text, from: l.pos, buf: l.buf[:0]}
	l.forgetParts()
	end := l.pos
	for !l.hereFooter(isDoubleQuote) {
		end = l.hereLine(&v)
		if l.atEnd() {
			l.cut(l.start, "the here-string is not closed")
			break
		}
		l.newline()
	}
	return l.emitExpandable(KindHereStringExpandable, &v, end)
}

// hereLine reads a line of a here-string that expands, which a $() may make
// several, and returns where it ends.
func (l *lexer) hereLine(v *valueBuilder) int {
	for !l.atEnd() {
		c := l.text[l.pos]
		if charClasses[c]&charNewline != 0 {
			break
		}
		l.pos++
		switch c {
		case '$':
			l.dollar(v, true)
		case '`':
			l.stringEscape(v)
		}
	}
	return l.pos
}
