package powershell

import (
	"cmp"
	"math"
	"slices"
)

// The limits of what is read. Beyond them, the rest of the construct is
// skipped, and one error says so.
const (
	// maxDepth bounds how deep statements, expressions and brackets nest. A
	// script block in another one counts four times, so it is for 500 of them.
	maxDepth = 2000
	// maxStringDepth bounds how deep strings with $() nest.
	maxStringDepth = 50
	// maxChain bounds the operators in a row, and the members and indexes in a
	// row, which nest to the left.
	maxChain = 100_000
	// maxErrors bounds the errors that are kept.
	maxErrors = 1000
	// maxText bounds the text, so that offsets fit a Span.
	maxText = math.MaxInt32
)

// Parse reads a script, in generalized UTF-8 (lone surrogates as three bytes).
// It always returns a tree, of all that can be read; what cannot is among the
// tree's errors. Nothing nests deeper than a few thousand nodes, except to the
// left, where chains of operators and of members do up to maxChain.
func Parse(text string, dialect Dialect) *Tree { return parse(text, dialect, false) }

// ParseTokens is Parse, and keeps the tokens.
func ParseTokens(text string, dialect Dialect) *Tree { return parse(text, dialect, true) }

func parse(text string, dialect Dialect, save bool) *Tree {
	tooLong := len(text) > maxText
	if tooLong {
		text = text[:maxText]
	}
	t := &Tree{Text: text, Dialect: dialect}
	p := &parser{script: text}
	p.lexText = lexText{text: text, open: true}
	p.dialect = dialect
	p.save = save
	p.fail = p.report
	t.Root = p.root()
	if tooLong {
		p.invalid(Span{maxText, maxText}, "the text is too long")
	}
	t.Tokens = p.tokens
	slices.SortStableFunc(p.errors, func(a, b SyntaxError) int { return cmp.Compare(a.From, b.From) })
	t.Errors = p.errors
	return t
}

// parser reads the grammar with one token of lookahead. It decides how the
// lexer reads, and reads a token again when it decides otherwise.
type parser struct {
	lexer
	script string
	has    bool // tok is the next token, and not taken yet

	// noComma: a comma separates arguments and makes no array.
	noComma bool
	// depth and stringDepth count what is open; muted is set while a
	// construct is left that was nested too deeply.
	depth, stringDepth int
	muted              bool
	flowScope
	nodes nodeSlabs

	errors []SyntaxError
	seen   map[SyntaxError]bool
	// attributes remembers those with arguments by their place, since what
	// follows decides whether they are read again as something else.
	attributes map[int32]readAttribute
}

// report keeps an error. Reading a token again finds the same errors again.
func (p *parser) report(at Span, message string, incomplete bool) {
	e := SyntaxError{Span: at, Message: message, Incomplete: incomplete}
	if p.muted || len(p.errors) >= maxErrors || p.seen[e] {
		return
	}
	if p.seen == nil {
		p.seen = make(map[SyntaxError]bool)
	}
	p.seen[e] = true
	p.errors = append(p.errors, e)
}

// missing reports that something ought to stand behind an offset. If the text
// ends there, that is all that is wrong.
func (p *parser) missing(after int32, message string) {
	p.report(Span{after, after}, message, p.endsHere())
}

// endsHere reports whether the text ends with what was read or within the next
// token, so that more text could go on with it.
func (p *parser) endsHere() bool { return p.isCut(p.peek()) }

// isCut reports whether a token is the end of the text, or the last one, which
// more text could make another: a part of a word, [ before a type, < before #.
func (p *parser) isCut(t *lexeme) bool {
	if !p.open || t.End() != len(p.script) {
		return false
	}
	switch t.kind {
	case KindEndOfInput, KindGeneric, KindIdentifier, KindParameter, KindVariable, KindNumber, KindUnknown,
		KindLBracket, KindMinus, KindDot, KindColon, KindAmpersand, KindRedirectInStd:
		return true
	}
	return t.kind.has(keyword)
}

func (p *parser) invalid(at Span, message string) { p.report(at, message, false) }

func (p *parser) unexpected(t *lexeme) {
	p.report(t.Span, "unexpected "+quoteToken(p.source(t)), t.kind != KindEndOfInput && p.isCut(t))
}

// quoteToken shows a token in a message.
func quoteToken(text string) string {
	const most = 40
	if len(text) > most {
		return "text"
	}
	return "«" + text + "»"
}

// source returns the token as it is written.
func (p *parser) source(t *lexeme) string { return p.script[t.From:t.To] }

// peek returns the next token without taking it.
func (p *parser) peek() *lexeme {
	if !p.has {
		p.lexer.next()
		p.has = true
	}
	return &p.tok
}

// next takes the next token.
func (p *parser) next() lexeme {
	if !p.has {
		p.lexer.next()
	}
	p.has = false
	return p.tok
}

// skip takes the token that was peeked.
func (p *parser) skip() { p.has = false }

// unget puts a token back.
func (p *parser) unget(t lexeme) { p.tok, p.has = t, true }

// accept takes the next token if it is of a kind, and returns its place.
func (p *parser) accept(kind TokenKind) (Span, bool) {
	if p.peek().kind != kind {
		return Span{}, false
	}
	p.has = false
	return p.tok.Span, true
}

// setMode says how to read from here on, and returns how it was. A token that
// was peeked is read again if that may change it.
func (p *parser) setMode(mode lexMode) (was lexMode) {
	was = p.mode
	if mode != was && p.has && !p.tok.kind.has(modeless) {
		p.rewind(int(p.tok.at))
	}
	p.mode = mode
	return was
}

// rewind goes back to an offset of the lexer's text.
func (p *parser) rewind(pos int) {
	p.has = false
	p.resync(pos)
}

// here returns the offset of the next token in the lexer's text, or what
// stands before it.
func (p *parser) here() int {
	if p.has {
		return int(p.tok.at)
	}
	return p.pos
}

func (p *parser) skipNewlines() {
	if p.has && p.tok.kind != KindNewLine {
		return
	}
	p.has = false
	p.lexer.skipNewlines(false)
}

func (p *parser) skipTerminators() {
	if p.has && p.tok.kind != KindNewLine && p.tok.kind != KindSemi {
		return
	}
	p.has = false
	p.lexer.skipNewlines(true)
}

// enter counts a level of nesting; false: it is one too many.
func (p *parser) enter() bool {
	p.depth++
	return p.depth <= maxDepth
}

func (p *parser) leave() { p.depth-- }

// tooDeep skips what nests too deeply: up to the end of the statement or of
// the brackets around it.
func (p *parser) tooDeep() Span {
	at := Span{p.peek().From, p.peek().From}
	p.invalid(at, "nested too deeply")
	p.muted = true
	open := 0
	for {
		t := p.next()
		switch t.kind {
		case KindLParen, KindLCurly, KindAtParen, KindAtCurly, KindDollarParen:
			open++
		case KindRParen, KindRCurly:
			open--
		case KindEndOfInput:
			open = -1
		}
		if open < 0 || open == 0 && (t.kind == KindNewLine || t.kind == KindSemi) {
			p.unget(t)
			return at
		}
		at.To = t.To
	}
}

// sync skips to a token of one of the kinds that stands outside of any
// brackets, or that closes them. It takes that token if take is set.
func (p *parser) sync(take bool, kinds ...TokenKind) {
	level := func(kind TokenKind) int {
		if slices.Contains(kinds, kind) {
			return 1
		}
		return 0
	}
	parens, curlies, brackets := level(KindRParen), level(KindRCurly), level(KindRBracket)
	closes := func(open *int, kind TokenKind) bool {
		*open--
		return *open == 0 && slices.Contains(kinds, kind)
	}
	for {
		t := p.next()
		done := false
		switch t.kind {
		case KindLParen, KindAtParen, KindDollarParen:
			parens++
		case KindRParen:
			done = closes(&parens, t.kind)
		case KindLCurly, KindAtCurly:
			curlies++
		case KindRCurly:
			done = closes(&curlies, t.kind)
		case KindLBracket:
			brackets++
		case KindRBracket:
			done = closes(&brackets, t.kind)
		case KindEndOfInput:
			p.unget(t)
			return
		}
		if done {
			if !take {
				p.unget(t)
			}
			return
		}
		if slices.Contains(kinds, t.kind) && parens == 0 && curlies == 0 && brackets == 0 {
			return
		}
	}
}

// root reads the whole script.
func (p *parser) root() *ScriptBlock {
	b := &ScriptBlock{Span: Span{0, int32(len(p.script))}}
	p.skipNewlines()
	for p.peek().kind == KindUsing {
		t := p.next()
		if u, ok := p.using(t).(*Using); ok {
			b.Usings = append(b.Usings, u)
		}
		p.skipTerminators()
	}
	p.scriptBlockBody(b, nil)
	return b
}

// scriptBlock reads a script block from behind its { on.
func (p *parser) scriptBlock(open Span) *ScriptBlock {
	b := &ScriptBlock{Span: open}
	flow := p.enterFlow()
	p.skipNewlines()
	p.scriptBlockBody(b, &open)
	p.flowScope = flow
	return b
}

// scriptBlockBody reads parameters and statements, up to the } or, where open
// is nil, the end of the script.
func (p *parser) scriptBlockBody(b *ScriptBlock, open *Span) {
	p.paramBlock(b)
	p.skipTerminators()
	if p.peek().kind.has(blockName) && p.isBlockName(p.peek().kind, false) {
		p.namedBlocks(b)
		if open != nil {
			p.closeScriptBlock(b, *open)
			return
		}
		if p.peek().kind == KindEndOfInput {
			return
		}
		p.unexpected(p.peek())
	}
	body := b.EndBlock
	if body == nil {
		from := p.peek().From
		body = p.nodes.blocks.one()
		body.Span, body.Unnamed = Span{from, from}, true
		b.EndBlock = body
	}
	for {
		p.statements(body)
		if open != nil {
			p.closeScriptBlock(b, *open)
			return
		}
		// What cannot stand here is left out, so that what follows can be read.
		t := p.next()
		if t.kind == KindEndOfInput {
			return
		}
		p.unexpected(&t)
	}
}

func (p *parser) closeScriptBlock(b *ScriptBlock, open Span) {
	if t, ok := p.accept(KindRCurly); ok {
		b.To = t.To
		return
	}
	b.To = p.lastEnd(b, open.To)
	p.report(open, "the block is not closed with }", p.endsHere())
}

// lastEnd returns where what was read of a script block ends.
func (p *parser) lastEnd(b *ScriptBlock, end int32) int32 {
	if b.Params != nil {
		end = max(end, b.Params.To)
	}
	for _, block := range []*Block{b.Dynamic, b.Begin, b.Process, b.EndBlock, b.Clean} {
		if block != nil {
			end = max(end, block.To)
		}
	}
	return end
}

// isBlockName reports whether a keyword begins a named block here. clean was a
// command before PowerShell 7.3; behind another block it could be nothing.
func (p *parser) isBlockName(kind TokenKind, behind bool) bool {
	return kind != KindClean || behind || p.dialect == PowerShellCore
}

// namedBlocks reads begin, process, end, dynamicparam and clean.
func (p *parser) namedBlocks(b *ScriptBlock) {
	for behind := false; p.peek().kind.has(blockName) && p.isBlockName(p.peek().kind, behind); behind = true {
		name := p.next()
		block := p.block()
		if block == nil {
			p.missing(name.To, "a block { } is missing behind "+name.kind.Text())
			block = &Block{Span: Span{name.To, name.To}}
		}
		block.From = name.From
		slot := map[TokenKind]**Block{
			KindDynamicparam: &b.Dynamic, KindBegin: &b.Begin, KindProcess: &b.Process, KindEnd: &b.EndBlock, KindClean: &b.Clean,
		}[name.kind]
		if *slot != nil {
			p.invalid(name.Span, "a second "+name.kind.Text()+" block")
			(*slot).Statements = append((*slot).Statements, block.Statements...)
		} else {
			*slot = block
		}
		p.skipTerminators()
	}
}

// block reads { statements }; nil if none stands here.
func (p *parser) block() *Block {
	p.skipNewlines()
	open, ok := p.accept(KindLCurly)
	if !ok {
		return nil
	}
	b := p.nodes.blocks.one()
	b.Span = open
	p.statements(b)
	b.From = open.From
	if t, ok := p.accept(KindRCurly); ok {
		b.To = t.To
		return b
	}
	b.To = max(b.To, open.To)
	p.report(open, "the block is not closed with }", p.endsHere())
	return b
}

// statements reads as many statements as follow, and sets the block's place
// to theirs.
func (p *parser) statements(b *Block) {
	p.skipTerminators()
	first := len(b.Statements)+len(b.Traps) == 0
	mark := p.nodes.statements.begin()
	types := false
	for {
		if p.depth == 0 {
			p.muted = false
		}
		s := p.statement()
		if s == nil {
			break
		}
		if p.signature > 0 && s.Pos() > p.signature {
			p.invalid(s.place(), "nothing can follow a script's signature")
		}
		if first {
			b.From, first = s.place().From, false
		}
		b.To = max(b.To, s.place().To)
		if t, ok := s.(*Trap); ok {
			b.Traps = append(b.Traps, t)
		} else {
			p.nodes.statements.add(s)
		}
		_, isType := s.(*TypeDef)
		types = types || isType
		p.skipTerminators()
		if k := p.peek().kind; k == KindRParen || k == KindRCurly {
			break
		}
	}
	if read := p.nodes.statements.end(mark); b.Statements == nil {
		b.Statements = read
	} else {
		b.Statements = append(b.Statements, read...)
	}
	if types {
		p.checkTypes(b)
	}
}
