package powershell

// operator makes an operator of what was read, unless more of a word follows
// in a command.
func (l *lexer) operator(kind TokenKind) TokenKind {
	if l.mode == commandMode && !l.atTokenEnd() {
		return l.word()
	}
	return l.emit(kind)
}

func (l *lexer) maybeAssign(kind, assign TokenKind) TokenKind {
	if l.peekByte() == '=' {
		l.pos++
		return l.operator(assign)
	}
	return l.operator(kind)
}

// doubled reads & or && and the like.
func (l *lexer) doubled(c byte, single, double TokenKind) TokenKind {
	if l.peekByte() == c {
		l.pos++
		return l.emit(double)
	}
	return l.emit(single)
}

func (l *lexer) plus() TokenKind {
	switch c := l.peekByte(); {
	case c == '+':
		l.pos++
		return l.operator(KindPlusPlus)
	case l.signed && (isDecimalDigit(c) || c == '.'):
		return l.numberToken()
	}
	return l.maybeAssign(KindPlus, KindPlusEquals)
}

// dash reads what begins with any dash: operators, parameters, numbers.
func (l *lexer) dash() TokenKind {
	r, n := l.rune(l.pos)
	switch {
	case isDash(r):
		l.pos += n
		return l.operator(KindMinusMinus)
	case isLetter(r) || r == '_' || r == '?':
		return l.parameter()
	case l.signed && (r >= '0' && r <= '9' || r == '.'):
		return l.numberToken()
	}
	return l.maybeAssign(KindMinus, KindMinusEquals)
}

func (l *lexer) star() TokenKind {
	if l.peekByte() == '>' {
		return l.redirection(false)
	}
	return l.maybeAssign(KindMultiply, KindMultiplyEquals)
}

// redirection reads one with a stream before it, which is read. In an
// expression a digit before > is a number, since 2 > x compares nothing but
// redirects.
func (l *lexer) redirection(digit bool) TokenKind {
	if digit && l.mode == expressionMode && !l.merges(digit) {
		return l.emitNumber(int32(l.text[l.start] - '0'))
	}
	merges := l.merges(digit)
	l.pos++
	switch {
	case merges:
		l.pos += 2
	case l.peekByte() == '>':
		l.pos++
	}
	return l.emit(KindRedirection)
}

// merges reports whether >&1 follows, or, behind a digit, >&2.
func (l *lexer) merges(digit bool) bool {
	rest := l.text[l.pos:]
	return len(rest) >= 3 && rest[1] == '&' && (rest[2] == '1' || digit && rest[2] == '2')
}

func (l *lexer) exclaim() TokenKind {
	r, _ := l.rune(l.pos)
	switch l.mode {
	case commandMode:
		if !endsToken(r) {
			return l.word()
		}
	case expressionMode:
		if isIdentStart(r) {
			return l.word()
		}
		if r >= '0' && r <= '9' || r == '.' {
			// !7z is a word, !7 an operator and a number.
			var n numberScan
			ok := l.scanNumber(&n, l.pos)
			l.pos = l.start + 1
			if !ok {
				return l.word()
			}
		}
	}
	return l.emit(KindExclaim)
}

// colon reads ::, a label, a word that begins with a colon, or the colon of
// a?b:c.
func (l *lexer) colon() TokenKind {
	if l.peekByte() == ':' {
		l.pos++
		if l.mode == commandMode && !l.simpleName && !l.atTokenEnd() {
			return l.word()
		}
		return l.emit(KindColonColon)
	}
	if l.mode != commandMode {
		return l.emit(KindColon)
	}
	r, n := l.rune(l.pos)
	if n == 0 || r == 0 || !isIdentStart(r) {
		return l.word()
	}
	l.skipIdentifier()
	if !l.atTokenEnd() {
		return l.word()
	}
	return l.emitValue(KindLabel, l.start+1, l.pos)
}

func (l *lexer) question() TokenKind {
	if l.peekByte() != '?' {
		return l.emit(KindQuestionMark)
	}
	l.pos++
	if l.peekByte() != '=' {
		return l.emit(KindQuestionQuestion)
	}
	l.pos++
	return l.emit(KindQuestionQuestionEquals)
}

func (l *lexer) dot() TokenKind {
	c := l.peek()
	switch {
	case c == '.':
		if r, _ := l.rune(l.pos + 1); l.mode == commandMode && !endsToken(r) {
			return l.word()
		}
		l.pos++
		return l.emit(KindDotDot)
	case c >= '0' && c <= '9':
		return l.numberToken()
	case l.mode == commandMode && !endsToken(c) && c != '$' && c != '"' && c != '\'':
		// .$x and ."x" run what they name, .x is a name.
		return l.word()
	}
	return l.emit(KindDot)
}

// at reads what begins with @.
func (l *lexer) at() TokenKind {
	r, n := l.rune(l.pos)
	switch {
	case r == '{':
		l.pos++
		return l.emit(KindAtCurly)
	case r == '(':
		l.pos++
		return l.emit(KindAtParen)
	case isSingleQuote(r):
		l.pos += n
		return l.hereLiteral()
	case isDoubleQuote(r):
		l.pos += n
		return l.hereExpandable()
	case isVarStart(r):
		return l.variable(KindSplattedVariable)
	}
	l.cut(l.start, "@ begins nothing here")
	return l.emit(KindUnknown)
}

// backtick reads what a backtick begins outside of strings: a line
// continuation, an escaped blank, both of which are no tokens, or a word.
func (l *lexer) backtick() (token bool) {
	l.pos--
	if l.continuation() {
		return false
	}
	l.pos++
	if l.atEnd() {
		l.cut(l.start, "the text ends behind a backtick")
		return false
	}
	l.wordFromEscape()
	return true
}

// memberAccess reads the operator of a member access or, if index is set, of
// an index. No blank may stand before it, but a block comment may. It returns
// false, at the same place, if there is none.
func (l *lexer) memberAccess(index bool) bool {
	for l.peekByte() == '<' && l.pos+1 < len(l.text) && l.text[l.pos+1] == '#' {
		l.start = l.pos
		l.pos += 2
		l.blockComment()
	}
	l.start = l.pos
	rest := l.text[l.pos:]
	next := func(i int) byte {
		if i < len(rest) {
			return rest[i]
		}
		return 0
	}
	switch next(0) {
	case '.':
		if next(1) != '.' && !l.operatorDangles(1) {
			return l.symbol(1, KindDot)
		}
	case ':':
		if next(1) == ':' && !l.operatorDangles(2) {
			return l.symbol(2, KindColonColon)
		}
	case '[':
		if index {
			return l.symbol(1, KindLBracket)
		}
	case '?':
		if next(1) == '.' {
			return l.symbol(2, KindQuestionDot)
		}
		if next(1) == '[' && index {
			return l.symbol(2, KindQuestionLBracket)
		}
	}
	return false
}

// symbol reads n bytes as a token.
func (l *lexer) symbol(n int, kind TokenKind) bool {
	l.pos += n
	l.emit(kind)
	return true
}

// operatorDangles reports whether, in a command, nothing can follow an
// operator of length n at pos, so that it is none.
func (l *lexer) operatorDangles(n int) bool {
	r, size := l.rune(l.pos + n)
	return l.mode == commandMode && (size == 0 || r == 0 || r == '\r' || r == '\n' || isBlank(r))
}

// argumentOpener reads ( or { right behind a member's name.
func (l *lexer) argumentOpener() bool {
	l.start = l.pos
	switch l.peekByte() {
	case '(':
		return l.symbol(1, KindLParen)
	case '{':
		return l.symbol(1, KindLCurly)
	}
	return false
}

// leftBracket reads a [ that begins an attribute or a type, with blanks and
// comments before it. Where none stands, blanks before a member access are
// not skipped, since they forbid it.
func (l *lexer) leftBracket() bool {
	back := l.pos
	blanks := false
	for {
		l.start = l.pos
		r, n := l.rune(l.pos)
		switch {
		case n != 0 && isBlank(r):
			blanks = true
			l.skipBlanks()
			continue
		case r == '#':
			blanks = true
			l.pos++
			l.lineComment()
			continue
		case r == '<' && l.pos+1 < len(l.text) && l.text[l.pos+1] == '#':
			blanks = false
			l.pos += 2
			l.blockComment()
			continue
		case r == '[':
			return l.symbol(1, KindLBracket)
		case (r == '.' || r == ':') && blanks:
			l.resync(back)
		}
		return false
	}
}

// operatorKind returns the operator that a name behind a dash is.
func operatorKind(name string) (TokenKind, bool) {
	var lower [12]byte
	if len(name) > len(lower) {
		return 0, false
	}
	for i := range len(name) {
		lower[i] = name[i] | 0x20
	}
	switch string(lower[:len(name)]) {
	case "bnot":
		return KindBnot, true
	case "not":
		return KindNot, true
	case "eq", "ieq":
		return KindIeq, true
	case "ceq":
		return KindCeq, true
	case "ne", "ine":
		return KindIne, true
	case "cne":
		return KindCne, true
	case "ge", "ige":
		return KindIge, true
	case "cge":
		return KindCge, true
	case "gt", "igt":
		return KindIgt, true
	case "cgt":
		return KindCgt, true
	case "lt", "ilt":
		return KindIlt, true
	case "clt":
		return KindClt, true
	case "le", "ile":
		return KindIle, true
	case "cle":
		return KindCle, true
	case "like", "ilike":
		return KindIlike, true
	case "clike":
		return KindClike, true
	case "notlike", "inotlike":
		return KindInotlike, true
	case "cnotlike":
		return KindCnotlike, true
	case "match", "imatch":
		return KindImatch, true
	case "cmatch":
		return KindCmatch, true
	case "notmatch", "inotmatch":
		return KindInotmatch, true
	case "cnotmatch":
		return KindCnotmatch, true
	case "replace", "ireplace":
		return KindIreplace, true
	case "creplace":
		return KindCreplace, true
	case "contains", "icontains":
		return KindIcontains, true
	case "ccontains":
		return KindCcontains, true
	case "notcontains", "inotcontains":
		return KindInotcontains, true
	case "cnotcontains":
		return KindCnotcontains, true
	case "in", "iin":
		return KindIin, true
	case "cin":
		return KindCin, true
	case "notin", "inotin":
		return KindInotin, true
	case "cnotin":
		return KindCnotin, true
	case "split", "isplit":
		return KindIsplit, true
	case "csplit":
		return KindCsplit, true
	case "isnot":
		return KindIsNot, true
	case "is":
		return KindIs, true
	case "as":
		return KindAs, true
	case "f":
		return KindFormat, true
	case "and":
		return KindAnd, true
	case "band":
		return KindBand, true
	case "or":
		return KindOr, true
	case "bor":
		return KindBor, true
	case "xor":
		return KindXor, true
	case "bxor":
		return KindBxor, true
	case "join":
		return KindJoin, true
	case "shl":
		return KindShl, true
	case "shr":
		return KindShr, true
	}
	return 0, false
}

// keywordKind returns the keyword that a word is.
func keywordKind(word string) (TokenKind, bool) {
	var lower [13]byte
	if len(word) > len(lower) || len(word) < 2 {
		return 0, false
	}
	for i := range len(word) {
		lower[i] = word[i] | 0x20
	}
	switch string(lower[:len(word)]) {
	case "begin":
		return KindBegin, true
	case "break":
		return KindBreak, true
	case "catch":
		return KindCatch, true
	case "class":
		return KindClass, true
	case "continue":
		return KindContinue, true
	case "data":
		return KindData, true
	case "define":
		return KindDefine, true
	case "do":
		return KindDo, true
	case "dynamicparam":
		return KindDynamicparam, true
	case "else":
		return KindElse, true
	case "elseif":
		return KindElseIf, true
	case "end":
		return KindEnd, true
	case "exit":
		return KindExit, true
	case "filter":
		return KindFilter, true
	case "finally":
		return KindFinally, true
	case "for":
		return KindFor, true
	case "foreach":
		return KindForeach, true
	case "from":
		return KindFrom, true
	case "function":
		return KindFunction, true
	case "if":
		return KindIf, true
	case "in":
		return KindIn, true
	case "param":
		return KindParam, true
	case "process":
		return KindProcess, true
	case "return":
		return KindReturn, true
	case "switch":
		return KindSwitch, true
	case "throw":
		return KindThrow, true
	case "trap":
		return KindTrap, true
	case "try":
		return KindTry, true
	case "until":
		return KindUntil, true
	case "using":
		return KindUsing, true
	case "var":
		return KindVar, true
	case "while":
		return KindWhile, true
	case "workflow":
		return KindWorkflow, true
	case "parallel":
		return KindParallel, true
	case "sequence":
		return KindSequence, true
	case "inlinescript":
		return KindInlineScript, true
	case "configuration":
		return KindConfiguration, true
	case "public":
		return KindPublic, true
	case "private":
		return KindPrivate, true
	case "static":
		return KindStatic, true
	case "interface":
		return KindInterface, true
	case "enum":
		return KindEnum, true
	case "namespace":
		return KindNamespace, true
	case "module":
		return KindModule, true
	case "type":
		return KindType, true
	case "assembly":
		return KindAssembly, true
	case "command":
		return KindCommand, true
	case "hidden":
		return KindHidden, true
	case "base":
		return KindBase, true
	case "default":
		return KindDefault, true
	case "clean":
		return KindClean, true
	}
	return 0, false
}
