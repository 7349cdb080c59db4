package powershell

import "unicode/utf8"

// lexMode says how the parser wants the text to be read: the same characters
// are other tokens as a command's argument and in an expression.
type lexMode uint8

const (
	commandMode lexMode = iota
	expressionMode
	typeNameMode
	signatureMode // of the members of a class
)

// lexeme is a token as it passes from the lexer to the parser. It holds no
// pointers: it is written for every token, and what the collector must know of
// costs far more to write.
type lexeme struct {
	kind  TokenKind
	colon bool // as Token.Colon
	// built: the value is no part of the text, but what the lexer built last.
	built bool
	parts int32 // how many of the lexer's parts are its own
	at    int32 // where it starts in the lexer's text
	Span        // in the script
	// value is where in the lexer's text what Token.Value says stands; of a
	// variable, the name with its scope.
	value Span
}

// lexPart is a variable or a $() within a string or word.
type lexPart struct {
	value    Span // where it stands in the value of the whole
	from, to int  // in the lexer's text
	// name is the variable's, with its scope. A $() has none.
	name string
	// open is set if the $() is not closed, and clean if escapes had to be
	// taken out of it: then it is to be read from there.
	open  bool
	clean *lexText
}

func (p *lexPart) isVariable() bool { return p.name != "" }

// lexText is a text to read tokens from: the script up to some place, or the
// inside of a $() from which escapes were taken.
type lexText struct {
	text   string
	shifts []shift // nil: offsets are those of the script
	// open is set if the text ends where the script ends, so that more of the
	// script could go on.
	open bool
}

// shift says that offsets from at on are less than the script's by by.
type shift struct{ at, by int }

// origin translates an offset into one of the script.
func (t *lexText) origin(offset int) int {
	if t.shifts == nil {
		return offset
	}
	return t.shifted(offset)
}

func (t *lexText) shifted(offset int) int {
	by := 0
	for lo, hi := 0, len(t.shifts); lo < hi; {
		if mid := (lo + hi) / 2; t.shifts[mid].at <= offset {
			by, lo = t.shifts[mid].by, mid+1
		} else {
			hi = mid
		}
	}
	return offset + by
}

// lexer reads tokens, each when the parser asks for it and in the mode that
// the parser has set.
type lexer struct {
	lexText
	dialect Dialect
	mode    lexMode
	pos     int    // of the next character
	start   int    // of the token being read
	tok     lexeme // the token read last
	number  any    // the value of the number read last
	built   string // the value built last
	// parts are those of the token read last, behind the held ones, which are
	// of the strings that it stands in.
	parts []lexPart
	held  int

	// signed: a sign before a number is part of it.
	signed bool
	// inTernary: ? and : end a number.
	inTernary bool
	// simpleName: only an identifier is wanted.
	simpleName bool
	// inWorkflow: inlinescript is a keyword.
	inWorkflow bool

	// signature is where the first line of a signature ends that was read
	// last; 0: none was.
	signature int

	save   bool // keep the tokens
	tokens []Token
	buf    []byte

	// fail takes an error. Where the text is too short, incomplete is set.
	fail func(at Span, message string, incomplete bool)
}

// rune returns the character at pos and its length; 0, 0 at the end. A lone
// surrogate is three characters of no class.
func (l *lexer) rune(pos int) (rune, int) {
	if pos >= len(l.text) {
		return 0, 0
	}
	if b := l.text[pos]; b < utf8.RuneSelf {
		return rune(b), 1
	}
	return utf8.DecodeRuneInString(l.text[pos:])
}

// peek returns the next character; 0 at the end.
func (l *lexer) peek() rune {
	r, _ := l.rune(l.pos)
	return r
}

// peekByte returns the next byte; 0 at the end.
func (l *lexer) peekByte() byte {
	if l.pos >= len(l.text) {
		return 0
	}
	return l.text[l.pos]
}

func (l *lexer) atEnd() bool { return l.pos >= len(l.text) }

// span returns the place in the script of what stands between two offsets.
func (l *lexer) span(from, to int) Span {
	return Span{int32(l.origin(from)), int32(l.origin(to))}
}

func (l *lexer) wrong(from, to int, message string) { l.fail(l.span(from, to), message, false) }

// cut reports an error that more text could mend, if the text ends here.
func (l *lexer) cut(from int, message string) {
	l.fail(l.span(from, l.pos), message, l.open && l.atEnd())
}

// keep keeps the token, if tokens are kept.
func (l *lexer) keep() TokenKind {
	if l.save && l.tok.kind != KindEndOfInput {
		l.tokens = append(l.tokens, l.token(&l.tok))
	}
	return l.tok.kind
}

// begin sets the token to one that ends at pos, without a value.
func (l *lexer) begin(kind TokenKind) *lexeme {
	l.tok = lexeme{kind: kind, at: int32(l.start), Span: l.span(l.start, l.pos)}
	return &l.tok
}

func (l *lexer) emit(kind TokenKind) TokenKind {
	l.begin(kind)
	return l.keep()
}

// emitValue makes a token whose value stands between two offsets.
func (l *lexer) emitValue(kind TokenKind, from, to int) TokenKind {
	l.begin(kind).value = Span{int32(from), int32(to)}
	return l.keep()
}

// emitBuilt makes a token whose value is in a builder and ends at an offset.
func (l *lexer) emitBuilt(kind TokenKind, v *valueBuilder, end int) TokenKind {
	l.setValue(l.begin(kind), v, end)
	return l.keep()
}

// emitExpandable is emitBuilt for what has the parts that were read last.
func (l *lexer) emitExpandable(kind TokenKind, v *valueBuilder, end int) TokenKind {
	t := l.begin(kind)
	t.parts = int32(len(l.parts) - l.held)
	l.setValue(t, v, end)
	return l.keep()
}

func (l *lexer) setValue(t *lexeme, v *valueBuilder, end int) {
	if !v.built {
		t.value = Span{int32(v.from), int32(end)}
		return
	}
	t.built = true
	l.built = v.value(end)
	l.buf = v.buf[:0]
}

// valueOf returns the value of the token read last, or of one before it of
// which the value was not built.
func (l *lexer) valueOf(t *lexeme) string {
	if t.built {
		return l.built
	}
	return l.text[t.value.From:t.value.To]
}

func (l *lexer) emitNumber(n any) TokenKind {
	l.number = n
	return l.emit(KindNumber)
}

func (l *lexer) emitParameter(from, to int, colon bool) TokenKind {
	t := l.begin(KindParameter)
	t.value, t.colon = Span{int32(from), int32(to)}, colon
	return l.keep()
}

// partsOf returns the parts of the token read last.
func (l *lexer) partsOf(t *lexeme) []lexPart { return l.parts[l.held : l.held+int(t.parts)] }

// forgetParts makes room for those of the next token.
func (l *lexer) forgetParts() { l.parts = l.parts[:l.held] }

// token returns the lexeme as it is shown to others. The tokens inside a $()
// are known only when the parser has read it; until then it stands as a whole.
func (l *lexer) token(t *lexeme) Token {
	k := Token{Kind: t.kind, Span: t.Span, Value: l.valueOf(t), Colon: t.colon}
	switch t.kind {
	case KindVariable, KindSplattedVariable:
		_, k.Value = splitVariable(k.Value)
	case KindNumber:
		k.Number = l.number
	}
	for _, p := range l.partsOf(t) {
		n := Token{Kind: KindStringLiteral, Span: l.span(p.from, p.to), Value: l.text[p.from:p.to]}
		if p.isVariable() {
			n.Kind = KindVariable
			_, n.Value = splitVariable(p.name)
		}
		k.Nested = append(k.Nested, n)
	}
	return k
}

// resync goes back to an offset of the lexer's text, and forgets the tokens
// from there on.
func (l *lexer) resync(pos int) {
	l.pos = pos
	if !l.save {
		return
	}
	n := len(l.tokens)
	for from := int32(l.origin(pos)); n > 0 && l.tokens[n-1].To > from; {
		n--
	}
	l.tokens = l.tokens[:n]
}

// next reads the next token into tok and returns its kind. Comments and line
// continuations are kept among the tokens but are none for the parser.
func (l *lexer) next() TokenKind {
	for {
		l.start = l.pos
		if l.atEnd() {
			return l.emit(KindEndOfInput)
		}
		c := l.text[l.pos]
		l.pos++
		if charClasses[c]&charIdent != 0 {
			return l.identifier()
		}
		switch c {
		case ' ', '\t', '\f', '\v':
			l.skipBlanks()
			continue
		case '\'':
			return l.singleQuoted()
		case '"':
			return l.doubleQuoted()
		case '@':
			return l.at()
		case '#':
			l.lineComment()
			continue
		case '\n':
			return l.emit(KindNewLine)
		case '\r':
			l.skipLF()
			return l.emit(KindNewLine)
		case '`':
			if l.backtick() {
				return l.tok.kind
			}
			continue
		case '=':
			return l.operator(KindEquals)
		case '+':
			return l.plus()
		case '-':
			return l.dash()
		case '*':
			return l.star()
		case '/':
			return l.maybeAssign(KindDivide, KindDivideEquals)
		case '%':
			return l.maybeAssign(KindRem, KindRemainderEquals)
		case '$':
			if l.peekByte() == '(' {
				l.pos++
				return l.emit(KindDollarParen)
			}
			return l.variable(KindVariable)
		case '<':
			if l.peekByte() == '#' {
				l.pos++
				l.blockComment()
				continue
			}
			return l.emit(KindRedirectInStd)
		case '>':
			if l.peekByte() == '>' {
				l.pos++
			}
			return l.emit(KindRedirection)
		case '(':
			return l.emit(KindLParen)
		case ')':
			return l.emit(KindRParen)
		case '[':
			if l.mode == commandMode && !l.atTokenEnd() {
				return l.word()
			}
			return l.emit(KindLBracket)
		case ']':
			return l.emit(KindRBracket)
		case '{':
			return l.emit(KindLCurly)
		case '}':
			return l.emit(KindRCurly)
		case '.':
			return l.dot()
		case ';':
			return l.emit(KindSemi)
		case ',':
			return l.emit(KindComma)
		case '1', '2', '3', '4', '5', '6':
			if l.peekByte() == '>' {
				return l.redirection(true)
			}
			return l.numberToken()
		case '0', '7', '8', '9':
			return l.numberToken()
		case '&':
			return l.doubled('&', KindAmpersand, KindAndAnd)
		case '|':
			return l.doubled('|', KindPipe, KindOrOr)
		case '!':
			return l.exclaim()
		case ':':
			return l.colon()
		case '?':
			if l.mode == expressionMode {
				return l.question()
			}
			return l.word()
		case 0:
			return l.word()
		}
		if c < utf8.RuneSelf {
			return l.word()
		}
		l.pos--
		r, n := l.rune(l.pos)
		l.pos += n
		switch {
		case isBlank(r):
			l.skipBlanks()
			continue
		case isSingleQuote(r):
			return l.singleQuoted()
		case isDoubleQuote(r):
			return l.doubleQuoted()
		case isDash(r):
			return l.dash()
		case isLetter(r):
			return l.identifier()
		}
		return l.word()
	}
}

// classEnd returns the offset of the first byte from pos on that has none of
// the classes.
func (l *lexer) classEnd(classes charClass) int {
	text, pos := l.text, l.pos
	for pos < len(text) && charClasses[text[pos]]&classes != 0 {
		pos++
	}
	return pos
}

// classStart returns the offset of the first byte from pos on that has one of
// the classes.
func (l *lexer) classStart(classes charClass) int {
	text, pos := l.text, l.pos
	for pos < len(text) && charClasses[text[pos]]&classes == 0 {
		pos++
	}
	return pos
}

func (l *lexer) skipBlanks() {
	for {
		l.pos = l.classEnd(charBlank)
		if l.peekByte() < utf8.RuneSelf {
			return
		}
		r, n := l.rune(l.pos)
		if !isBlank(r) {
			return
		}
		l.pos += n
	}
}

// atTokenEnd reports whether what follows ends any token.
func (l *lexer) atTokenEnd() bool {
	if c := l.peekByte(); c < utf8.RuneSelf {
		return charClasses[c]&charEnds != 0
	}
	return isBlank(l.peek())
}

// skipLF joins LF to a CR just read.
func (l *lexer) skipLF() {
	if l.peekByte() == '\n' {
		l.pos++
	}
}

// lineComment reads a comment up to the end of the line; # is read.
func (l *lexer) lineComment() {
	from := l.pos
	l.pos = endOfLine(l.text, from)
	if beginsSignature(l.text[from:l.pos]) && l.shifts == nil {
		l.signature = l.pos
	}
	if l.save {
		l.emit(KindComment)
	}
}

// endOfLine returns the offset of the first CR or LF from pos on, or the end.
func endOfLine(text string, pos int) int {
	for pos < len(text) && charClasses[text[pos]]&charNewline == 0 {
		pos++
	}
	return pos
}

// blockComment reads a comment up to #>; <# is read.
func (l *lexer) blockComment() {
	if end, ok := endOfBlockComment(l.text, l.pos); ok {
		l.pos = end
	} else {
		l.pos = end
		l.cut(l.start, "the comment is not closed with #>")
	}
	if l.save {
		l.emit(KindComment)
	}
}

// endOfBlockComment returns the offset behind the first #> from pos on; the
// end, and false, where there is none.
func endOfBlockComment(text string, pos int) (int, bool) {
	for ; pos+1 < len(text); pos++ {
		if text[pos] == '#' && text[pos+1] == '>' {
			return pos + 2, true
		}
	}
	return len(text), false
}

// skipNewlines skips line ends with what else means nothing, and semicolons
// if asked to.
func (l *lexer) skipNewlines(semis bool) {
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		l.start = l.pos
		switch {
		case charClasses[c]&charBlank != 0 || c >= utf8.RuneSelf:
			if l.skipBlanks(); l.pos == l.start {
				return
			}
		case c == '\n' || c == '\r':
			l.newline()
			if l.save {
				l.emit(KindNewLine)
			}
		case c == ';' && semis:
			l.pos++
			if l.save {
				l.emit(KindSemi)
			}
		case c == '#':
			l.pos++
			l.lineComment()
		case c == '<' && l.pos+1 < len(l.text) && l.text[l.pos+1] == '#':
			l.pos += 2
			l.blockComment()
		case c != '`' || !l.continuation():
			return
		}
	}
}

// continuation skips a backtick at pos that has a line end or a blank behind
// it, and all blanks then.
func (l *lexer) continuation() bool {
	r, n := l.rune(l.pos + 1)
	switch {
	case n == 0:
		return false
	case r == '\n' || r == '\r':
		l.pos += 2
		if r == '\r' {
			l.skipLF()
		}
		if l.save {
			l.emit(KindLineContinuation)
		}
		return true
	case isBlank(r):
		l.pos += 1 + n
		l.skipBlanks()
		return true
	}
	return false
}

// pipeFollows reports whether the first thing from pos on, but for comments,
// is a pipe. There must be no empty line before it.
func (l *lexer) pipeFollows(pos int) bool {
	emptyLine := true
	for {
		r, n := l.rune(pos)
		switch {
		case n == 0:
			return false
		case isBlank(r):
			pos += n
			continue
		case r == '\n' || r == '\r':
			if emptyLine {
				return false
			}
			emptyLine = true
			pos++
			if r == '\r' && pos < len(l.text) && l.text[pos] == '\n' {
				pos++
			}
			continue
		}
		emptyLine = false
		switch {
		case r == '#':
			pos = endOfLine(l.text, pos)
		case r == '<' && pos+1 < len(l.text) && l.text[pos+1] == '#':
			pos, _ = endOfBlockComment(l.text, pos+2)
		default:
			return r == '|'
		}
	}
}
