package powershell

import (
	"unicode"
	"unicode/utf8"
)

// charClass says what a byte of ASCII may be part of.
type charClass uint16

const (
	charBlank   charClass = 1 << iota // white space, but no end of line
	charNewline                       // CR, LF
	charIdent                         // of an identifier, at its start
	charDigit
	charHexDigit
	charVarStart  // the first of a variable's name
	charVarFollow // a later one
	// charEnds: it ends any token before it.
	charEnds
	// charEndsNumber: in an expression it ends a number before it.
	charEndsNumber
	// charWordStop: it is more than a character of a word: it ends the word,
	// quotes, escapes, expands, or is no ASCII.
	charWordStop
	// charSingleStop and charDoubleStop: the same within quotes.
	charSingleStop
	charDoubleStop
)

var charClasses = buildCharClasses()

func buildCharClasses() (t [256]charClass) {
	mark := func(chars string, c charClass) {
		for i := range len(chars) {
			t[chars[i]] |= c
		}
	}
	const (
		digits  = "0123456789"
		letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	)
	mark(" \t\v\f", charBlank)
	mark("\r\n", charNewline)
	mark(letters+"_", charIdent)
	mark(digits, charDigit)
	mark(digits+"abcdefABCDEF", charHexDigit)
	mark(letters+digits+"_$:?^", charVarStart)
	mark(letters+digits+"_?", charVarFollow)
	mark("\x00 \t\v\f\r\n&(),;{|}", charEnds)
	mark("!#%*+-./<=>]", charEndsNumber)
	mark("\x00 \t\v\f\r\n&(),;{|}`'\"$", charWordStop)
	mark("'", charSingleStop)
	mark("`\"$", charDoubleStop)
	for b := utf8.RuneSelf; b < len(t); b++ {
		t[b] |= charWordStop | charSingleStop | charDoubleStop
	}
	return t
}

// PowerShell judges UTF-16 units, so characters beyond the basic plane are
// neither letters nor blanks for it, whatever Unicode says.

func isLetter(r rune) bool { return r < 0x10000 && unicode.IsLetter(r) }

func isLetterOrDigit(r rune) bool {
	return r < 0x10000 && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// isBlank reports whether r is white space that ends no line.
func isBlank(r rune) bool {
	if r < 0x80 {
		return charClasses[r]&charBlank != 0
	}
	return r == 0x85 || r >= 0xA0 && unicode.Is(unicode.Z, r)
}

func isDash(r rune) bool { return r == '-' || r >= 0x2013 && r <= 0x2015 }

func isSingleQuote(r rune) bool { return r == '\'' || r >= 0x2018 && r <= 0x201B }

func isDoubleQuote(r rune) bool { return r == '"' || r >= 0x201C && r <= 0x201E }

// endsToken reports whether r ends any token before it.
func endsToken(r rune) bool {
	if r < 0x80 {
		return charClasses[r]&charEnds != 0
	}
	return isBlank(r)
}

func isIdentStart(r rune) bool {
	if r < 0x80 {
		return charClasses[r]&charIdent != 0
	}
	return isLetter(r)
}

func isIdentFollow(r rune) bool {
	if r < 0x80 {
		return charClasses[r]&(charIdent|charDigit) != 0
	}
	return isLetterOrDigit(r)
}

func isVarStart(r rune) bool {
	if r < 0x80 {
		return charClasses[r]&charVarStart != 0
	}
	return isLetterOrDigit(r)
}

func isHexDigit(b byte) bool { return charClasses[b]&charHexDigit != 0 }

func isDecimalDigit(b byte) bool { return charClasses[b]&charDigit != 0 }

// appendUnit appends a UTF-16 unit or a whole character in generalized UTF-8:
// a lone surrogate as three bytes.
func appendUnit(buf []byte, r rune) []byte {
	if r >= 0xD800 && r < 0xE000 {
		return append(buf, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
	}
	return utf8.AppendRune(buf, r)
}
