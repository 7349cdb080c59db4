package powershell

import (
	"fmt"
	"math"
	"math/big"
	"testing"
)

// sampleValues are values of every kind, to be given to everything.
func sampleValues(in *Interpreter) []Value {
	unknown := &Unknown{Expression: "$u", Origin: OriginFile}
	many := &Unknown{Expression: "$m", Origin: OriginMailbox, Many: true}
	tree := Parse("{ $_ }", WindowsPowerShell)
	block := &Closure{Body: tree.Root, Tree: tree}
	hash := newHash()
	hash.Set("a", int32(1))
	custom := newCustomObject()
	custom.Set("A", "x")
	values := []Value{
		nil, true, "", "ab", "2", "-1", "\u00e9\U0001F600", int32(0), int32(-1), int32(3), int64(math.MaxInt64), uint8(7), 1.5, math.NaN(), Decimal{big.NewInt(15), 1},
		big.NewInt(9), Char('x'), newArray(nil), newArray([]Value{"a", int32(1), nil}), bytesValue([]byte{1, 2, 200}), newArray([]Value{many, "z"}),
		newList(typeArrayList, "p", "q"), newList(typeGenericList, int32(1)), newList(typeQueue, "p"), newList(typeStack, "p"), newList(typeHashSet, "p"),
		hash, newOrdered(), custom, unknown, many, &Text{Parts: []TextPart{{Text: "t"}, {Hole: unknown}, {Text: ".x"}}}, block,
		&TypeRef{Name: typeString}, &TypeRef{Name: "System.Int32", Ranks: []int{1}}, newDateTime(dateTime{ticks: unixEpochTicks}), newTimeSpan(5),
		newPayload(typeGUID, guidValue{}), newPayload(typeVersion, versionValue{1, 2, -1, -1}), newPayload(typeURI, parseURI(`\\a\b`)), newPayload(typeURI, parseURI("rel")),
		newEnumerator([]Value{"a"}), newPayload(typeStringBuilder, &builderValue{pieces: []Value{"ab"}, size: 2}), newSecureString("s"),
		newPayload("System.Text.UTF8Encoding", encodingUTF8), newPayload(typeMemoryStream, &streamValue{data: []byte("abc")}),
		newPayload(typeStreamReader, &readerValue{text: "l1\nl2"}), newEnum("System.DayOfWeek", nil, "Monday", 1), &Object{Type: typeString, Base: "wrapped"},
		newPayload("System.Management.Automation.SwitchParameter", switchValue(true)), in.propertyList(custom, false),
	}
	for _, text := range []string{`[regex]'(a)|(?<n>b)'`, `[regex]::Match('ab', '(a)|b')`, `[regex]::Match('x', 'y')`, `[regex]::Matches('aa', 'a')`, `[regex]::Match('a', 'a').Groups`, `[xml]'<a b="c"><d/></a>'`,
		`[IO.StreamWriter]::new([IO.MemoryStream]::new())`, `[IO.StringWriter]::new()`, `[Net.Mail.MailAddress]'a@b'`, `[ipaddress]'1.2.3.4'`, `([pscustomobject]@{ A = 1 }).PSObject`} {
		tree := Parse(text, WindowsPowerShell)
		out, err := in.callBlock(&Closure{Body: tree.Root, Tree: tree}, nil, callOptions{dot: true})
		if err != nil {
			panic(fmt.Sprint(text, err))
		}
		values = append(values, single(out))
	}
	return values
}

// Nothing panics, whatever it is given.
func TestEverything(t *testing.T) {
	in := newInterpreter(newExportHost(), Budget{Steps: math.MaxInt32, Text: 1 << 16})
	in.trying = 1
	samples := sampleValues(in)
	lib := in.lib()
	argumentLists := [][]Value{nil}
	for i, v := range samples {
		argumentLists = append(argumentLists, []Value{v}, []Value{samples[(i*5+1)%len(samples)], v, samples[(i*3+2)%len(samples)]},
			[]Value{v, int32(0), int32(1)})
	}
	// What a call changes is undone.
	try := func(name string, run func()) {
		defer func() {
			if r := recover(); r != nil {
				t.Errorf("%s: %v", name, r)
			}
		}()
		in.limit, in.steps = nil, 0
		mark := in.trail.mark()
		since := in.trail.epoch
		run()
		in.trail.undo(mark, since)
	}
	each := func(name string, run func(args []Value)) {
		for i, args := range argumentLists {
			try(fmt.Sprintf("%s with arguments %d", name, i), func() { run(args) })
		}
	}
	done := map[string]int{}
	for i := range samples {
		for _, typeName := range lookupTypes(samples[i]) {
			if done[typeName]++; done[typeName] > 3 {
				continue
			}
			for name := range lib.methods[typeName] {
				each(typeName+"."+name, func(args []Value) { _, _ = in.invoke(samples[i], name, args, "$x.M()") })
			}
			for name := range lib.properties[typeName] {
				try(typeName+"."+name, func() { _, _ = in.member(samples[i], name, "$x.P") })
			}
		}
	}
	for typeName, methods := range lib.staticMethods {
		for name := range methods {
			each("["+typeName+"]::"+name, func(args []Value) { _, _ = in.invokeStatic(&TypeRef{Name: typeName}, name, args, "[T]::M()") })
		}
	}
	for typeName := range lib.constructors {
		each("["+typeName+"]::new", func(args []Value) { _, _ = in.new(&TypeRef{Name: typeName}, args) })
	}
	for typeName := range lib.conversions {
		for i, v := range samples {
			try(fmt.Sprintf("[%s] of sample %d", typeName, i), func() {
				_, _ = in.convert(v, &TypeRef{Name: typeName})
				_, _ = in.convert(v, &TypeRef{Name: typeName, Ranks: []int{1}})
			})
		}
	}
	for i, l := range samples {
		for j, r := range samples {
			for op := KindDotDot; op <= KindShr; op++ {
				if op == KindAnd || op == KindOr || op.Text() == "" {
					continue
				}
				try(fmt.Sprintf("sample %d %s sample %d", i, op.Text(), j), func() { _, _ = in.binary(op, l, r, nil) })
			}
			try(fmt.Sprintf("sample %d [sample %d]", i, j), func() {
				_, _ = in.index(l, r, "$x[$i]")
				_ = in.setIndex(l, r, "v")
			})
		}
		for op := KindExclaim; op <= KindCsplit; op++ {
			try(fmt.Sprintf("%s sample %d", op.Text(), i), func() { _, _ = in.unary(op, l, nil) })
		}
		try(fmt.Sprintf("sample %d", i), func() { _ = in.setMember(l, "A", "v") })
		in.truth(l)
		Parts(l)
		expressionOf(l)
		identityOf(l)
	}
}
