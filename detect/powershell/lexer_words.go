package powershell

// skipIdentifier skips letters, digits and underscores.
func (l *lexer) skipIdentifier() {
	for {
		l.pos = l.classEnd(charIdent | charDigit)
		r, n := l.rune(l.pos)
		if n == 0 || r < 0x80 || !isLetterOrDigit(r) {
			return
		}
		l.pos += n
	}
}

// identifier reads a name that begins with a letter: a keyword, the name of a
// command or a member, a type, or the beginning of a word.
func (l *lexer) identifier() TokenKind {
	l.skipIdentifier()
	if l.mode == typeNameMode {
		l.skipTypeName()
		return l.emit(KindIdentifier)
	}
	if l.simpleName || l.mode == expressionMode {
		return l.emit(KindIdentifier)
	}
	if l.mode == commandMode && !l.atTokenEnd() {
		return l.word()
	}
	if kind, ok := keywordKind(l.text[l.start:l.pos]); ok && (kind != KindInlineScript || l.inWorkflow) {
		return l.emit(kind)
	}
	return l.emit(KindIdentifier)
}

// skipTypeName skips what a type's name may hold.
func (l *lexer) skipTypeName() {
	for {
		r, n := l.rune(l.pos)
		switch {
		case n == 0:
			return
		case r == '.' || r == '`' || r == '_' || r == '+' || r == '#' || r == '\\' || isLetterOrDigit(r):
			l.pos += n
			continue
		}
		return
	}
}

// word reads a word of a command: what stands between start and pos belongs to
// it as it is, and all up to the next character that ends a token. Quotes in
// it vanish, backticks escape, variables and $() expand.
func (l *lexer) word() TokenKind {
	l.pos = l.classStart(charWordStop)
	if l.atTokenEnd() {
		return l.emitValue(KindGeneric, l.start, l.pos)
	}
	return l.finishWord(l.newWord())
}

func (l *lexer) newWord() valueBuilder {
	return valueBuilder{text: l.text, from: l.start, buf: l.buf[:0], inWord: true}
}

// wordAnew reads a word from its start, where something else did not end as
// it should.
func (l *lexer) wordAnew() TokenKind {
	l.pos = l.start
	return l.word()
}

// wordFromEscape reads a word that begins with a backtick, which is read.
func (l *lexer) wordFromEscape() TokenKind {
	v := l.newWord()
	l.escape(&v)
	return l.finishWord(v)
}

func (l *lexer) finishWord(v valueBuilder) TokenKind {
	l.forgetParts()
	for {
		l.pos = l.classStart(charWordStop)
		r, n := l.rune(l.pos)
		if n == 0 || endsToken(r) {
			break
		}
		l.pos += n
		switch {
		case r == '`':
			l.stringEscape(&v)
		case isSingleQuote(r):
			v.drop(l.pos-n, l.pos)
			l.scanSingleQuoted(&v)
		case isDoubleQuote(r):
			v.drop(l.pos-n, l.pos)
			l.scanDoubleQuoted(&v)
		case r == '$':
			l.dollar(&v, false)
		}
	}
	return l.emitExpandable(KindGeneric, &v, l.pos)
}

// parameter reads a parameter's name or, in an expression, an operator; the
// dash is read.
func (l *lexer) parameter() TokenKind {
	name := l.pos
	if l.mode != commandMode {
		for l.pos < len(l.text) && charClasses[l.text[l.pos]]&charIdent != 0 && l.text[l.pos] != '_' {
			l.pos++
		}
		text := l.text[name:l.pos]
		if l.mode == expressionMode {
			if kind, ok := operatorKind(text); ok {
				return l.emit(kind)
			}
		}
		if text == "" {
			return l.emit(KindMinus)
		}
		return l.emitParameter(name, l.pos, l.peekByte() == ':')
	}
	for {
		l.pos = l.classEnd(charIdent | charDigit)
		r, n := l.rune(l.pos)
		switch {
		case n == 0 || endsToken(r) || r == '.' || r == '[':
			return l.emitParameter(name, l.pos, false)
		case r == ':':
			l.pos++
			return l.emitParameter(name, l.pos-1, true)
		case isSingleQuote(r) || isDoubleQuote(r):
			// Quotes are never part of a parameter: it is an argument.
			return l.word()
		}
		l.pos += n
	}
}

// variable reads a variable; $ or @ is read.
func (l *lexer) variable(kind TokenKind) TokenKind {
	r, _ := l.rune(l.pos)
	if r != '{' && !isVarStart(r) {
		return l.word()
	}
	from := l.pos
	path, plain := l.scanVariable(false)
	if l.mode == commandMode && !l.variableEnds(r, plain) {
		// $a-b is a word that expands.
		return l.wordAnew()
	}
	l.checkName(path, from-1)
	if plain {
		return l.emitValue(kind, from, l.pos)
	}
	t := l.begin(kind)
	t.built = true
	l.built = path
	return l.keep()
}

// checkName reports a variable that has only a drive.
func (l *lexer) checkName(path string, from int) {
	if path[len(path)-1] != ':' {
		return
	}
	if _, name := splitVariable(path); name == "" {
		l.cut(from, "no name follows the variable's drive")
	}
}

// variableEnds reports whether, in a command, the variable just read is a
// token of its own. first is the first character of its name.
func (l *lexer) variableEnds(first rune, plain bool) bool {
	r := l.peek()
	switch {
	case endsToken(r):
		return true
	case first == '$' || first == '?' || first == '^':
		return false
	case r == '.' || r == '[':
		return true
	}
	return plain && (r == '=' || r == ':')
}

// scanVariable reads the name of a variable, with braces or without (plain).
func (l *lexer) scanVariable(inString bool) (path string, plain bool) {
	from := l.pos
	r, n := l.rune(l.pos)
	if r == '{' {
		return l.scanBraced(inString), false
	}
	l.pos += n
	if r == '$' || r == '?' || r == '^' {
		return l.text[from:l.pos], true
	}
	for {
		l.pos = l.classEnd(charVarFollow)
		r, n := l.rune(l.pos)
		switch {
		case r == ':':
			// $a::b is a static member of $a.
			if l.pos+1 >= len(l.text) || l.text[l.pos+1] != ':' {
				l.pos++
				continue
			}
		case n != 0 && r >= 0x80 && isLetterOrDigit(r):
			l.pos += n
			continue
		}
		return l.text[from:l.pos], true
	}
}

// scanBraced reads {name}.
func (l *lexer) scanBraced(inString bool) string {
	open := l.pos
	l.pos++
	v := valueBuilder{text: l.text, from: l.pos}
	for {
		r, n := l.rune(l.pos)
		if n == 0 {
			l.cut(open-1, "the variable's name is not closed with }")
			return nonEmpty(v.value(l.pos))
		}
		l.pos += n
		switch {
		case r == '}':
			name := v.value(l.pos - 1)
			if name == "" {
				l.wrong(l.pos-1, l.pos, "the variable has no name")
			}
			return nonEmpty(name)
		case r == '`':
			if !l.atEnd() {
				l.escape(&v)
			}
		case r == '{':
			l.wrong(l.pos-1, l.pos, "{ in a variable's name needs a backtick")
		case inString && isDoubleQuote(r):
			if r, _ := l.rune(l.pos); isDoubleQuote(r) {
				v.drop(l.pos-n, l.pos)
				_, n := l.rune(l.pos)
				l.pos += n
			}
		}
	}
}

// nonEmpty stands in for the name of a variable that has none.
func nonEmpty(name string) string {
	if name == "" {
		return ":Error:"
	}
	return name
}

// splitVariable returns the scope or drive and the name of a variable.
func splitVariable(path string) (scope, name string) {
	for i := range len(path) {
		if path[i] != ':' {
			continue
		}
		if i == 0 {
			return "", path[1:]
		}
		scope, name = path[:i], path[i+1:]
		if equalFold(scope, "variable") {
			if inner, rest := splitVariable(name); isVariableScope(inner) {
				return scope, rest
			}
		}
		return scope, name
	}
	return "", path
}

// isVariableScope reports whether variable: may stand before scope:.
func isVariableScope(scope string) bool {
	return equalFold(scope, "global") || equalFold(scope, "local") || equalFold(scope, "private") || equalFold(scope, "script")
}

// equalFold reports whether a is the lower-case word b in any case.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		c := a[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != b[i] {
			return false
		}
	}
	return true
}
