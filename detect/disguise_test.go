package detect

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"pstrail/detect/powershell"
	"pstrail/evtxscan"
	"pstrail/evtxscan/evtxtest"
)

// disguiser draws expressions of PowerShell that have a given text as their
// value, as those write who do not want to be read.
type disguiser struct {
	r     *rapid.T
	names int // of variables and functions made so far
}

// maxDisguised keeps scripts in disguise to a size that is quickly read.
const maxDisguised = 400

// text returns an expression in parentheses, or $(...), whose value is s. Depth
// is how many layers there may be.
func (d *disguiser) text(s string, depth int) string {
	if depth <= 0 || len(s) > maxDisguised || strings.Trim(s, printable) != "" {
		return "(" + quote(s) + ")"
	}
	for {
		of := rapid.SampledFrom(disguises).Draw(d.r, "disguise")
		if e := of(d, s, depth-1); e != "" {
			return e
		}
	}
}

// piece is text or, more often, the string itself.
func (d *disguiser) piece(s string, depth int) string {
	if rapid.IntRange(0, 2).Draw(d.r, "deeper") > 0 {
		return quote(s)
	}
	return d.text(s, depth)
}

func (d *disguiser) name() string {
	d.names++
	return fmt.Sprintf("zq%dz", d.names)
}

// pieces cuts s into up to four pieces, none of them empty if s is not.
func (d *disguiser) pieces(s string) []string {
	var cuts []int
	for range rapid.IntRange(1, 3).Draw(d.r, "cuts") {
		cuts = append(cuts, rapid.IntRange(0, len(s)).Draw(d.r, "cut"))
	}
	slices.Sort(cuts)
	if s == "" {
		return []string{""}
	}
	var list []string
	last := 0
	for _, cut := range append(cuts, len(s)) {
		if cut > last {
			list = append(list, s[last:cut])
		}
		last = cut
	}
	return list
}

// spread puts a mark between characters of s, at random.
func (d *disguiser) spread(s, mark string) string {
	var b strings.Builder
	for i, piece := range d.pieces(s) {
		if i > 0 {
			b.WriteString(mark)
		}
		b.WriteString(piece)
	}
	return b.String()
}

// mark returns a character that is not in s and that no pattern takes for
// anything else, or "".
func mark(s string) string {
	for _, c := range "~!@%=;<>" {
		if !strings.ContainsRune(s, c) {
			return string(c)
		}
	}
	return ""
}

var printable = func() string {
	var b strings.Builder
	for c := ' '; c <= '~'; c++ {
		b.WriteRune(c)
	}
	return b.String()
}()

// quote writes a string in single quotes, of which there are five.
func quote(s string) string {
	return "'" + strings.NewReplacer("'", "''", "‘", "‘‘", "’", "’’", "‚", "‚‚", "‛", "‛‛").Replace(s) + "'"
}

// quotable reports whether an expression means the same in a string: there it
// ends where parentheses balance, wherever they stand.
func quotable(e string) bool {
	open := 0
	for _, c := range e {
		switch c {
		case '(':
			open++
		case ')':
			if open--; open < 0 {
				return false
			}
		case '"', '`':
			return false
		}
	}
	return open == 0
}

// expandable returns the content of a double-quoted string with the value s.
func expandable(s string) string {
	return strings.NewReplacer("`", "``", "$", "`$", `"`, "`\"").Replace(s)
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

func xored(s string, key byte) string {
	b := []byte(s)
	for i := range b {
		b[i] ^= key
	}
	return string(b)
}

func utf16Base64(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return base64.StdEncoding.EncodeToString(b)
}

func packed(s string, packer func(io.Writer) io.WriteCloser) string {
	var b bytes.Buffer
	w := packer(&b)
	io.WriteString(w, s)
	w.Close()
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// numbers writes the characters of s in a format of fmt.
func numbers(s, format, separator string) string {
	var list []string
	for i := range len(s) {
		list = append(list, fmt.Sprintf(format, s[i]))
	}
	return strings.Join(list, separator)
}

// separate is piece for each of some texts.
func (d *disguiser) separate(list []string, depth int) []string {
	var out []string
	for _, s := range list {
		out = append(out, d.piece(s, depth))
	}
	return out
}

func (d *disguiser) oneOf(ways ...string) string { return rapid.SampledFrom(ways).Draw(d.r, "way") }

// disguises are the ways to write a text. They return "" where they do not
// apply.
var disguises []func(d *disguiser, s string, depth int) string

func init() {
	disguises = []func(d *disguiser, s string, depth int) string{
		// Strings and operators.
		func(d *disguiser, s string, depth int) string {
			return "(" + strings.Join(d.separate(d.pieces(s), depth), "+") + ")"
		},
		func(d *disguiser, s string, depth int) string {
			pieces := d.pieces(s)
			if len(pieces) == 0 {
				return ""
			}
			order := rapid.Permutation(slices.Collect(func(yield func(int) bool) {
				for i := range pieces {
					if !yield(i) {
						return
					}
				}
			})).Draw(d.r, "order")
			format, args := make([]string, len(pieces)), make([]string, len(pieces))
			for i, at := range order {
				args[at] = d.piece(pieces[i], depth)
				format[i] = fmt.Sprintf("{%d}", at)
			}
			return "(" + quote(strings.Join(format, "")) + " -f " + strings.Join(args, ",") + ")"
		},
		func(d *disguiser, s string, depth int) string {
			return "((" + strings.Join(d.separate(append(d.pieces(s), ""), depth), ",") + ") -join '')"
		},
		func(d *disguiser, s string, depth int) string {
			return "(-join ('x'," + d.piece(s, depth) + ")[1])"
		},
		func(d *disguiser, s string, depth int) string {
			m := mark(s)
			if m == "" {
				return ""
			}
			op := d.oneOf("-replace", "-creplace", "-ireplace")
			return "(" + d.piece(d.spread(s, m), depth) + " " + op + " " + quote(m) + ")"
		},
		func(d *disguiser, s string, depth int) string {
			m := mark(s)
			if m == "" {
				return ""
			}
			return "((" + d.piece(d.spread(s, m), depth) + " -split " + quote(m) + ") -join '')"
		},
		func(d *disguiser, s string, depth int) string {
			m := mark(s)
			if m == "" {
				return ""
			}
			return "(-join " + d.piece(d.spread(s, m), depth) + ".Split(" + quote(m) + "))"
		},
		func(d *disguiser, s string, depth int) string {
			if s == "" {
				return ""
			}
			return fmt.Sprintf("(-join %s[-1..-%d])", d.piece(reversed(s), depth), len(s))
		},
		func(d *disguiser, s string, depth int) string {
			e := d.piece(s, depth)
			if !quotable(e) {
				return ""
			}
			return "(\"$(" + e + ")\")"
		},
		func(d *disguiser, s string, depth int) string { return "(\"" + expandable(s) + "\")" },
		func(d *disguiser, s string, depth int) string { return "(@'\n" + s + "\n'@)" },
		func(d *disguiser, s string, depth int) string {
			v := d.name()
			return "$($" + v + "=" + d.piece(s, depth) + ";\"${" + v + "}\")"
		},
		// Characters.
		func(d *disguiser, s string, depth int) string {
			return "(''" + numbers(s, "+[char]%d", "") + ")"
		},
		func(d *disguiser, s string, depth int) string {
			if s == "" {
				return ""
			}
			return "([char[]](" + numbers(s, "%d", ",") + ") -join '')"
		},
		func(d *disguiser, s string, depth int) string {
			if s == "" {
				return ""
			}
			loop := d.oneOf("%", "foreach", "ForEach-Object")
			return "(-join (" + quote(numbers(s, "%x", " ")) + " -split ' '|" + loop + "{[char][Convert]::ToInt32($_,16)}))"
		},
		func(d *disguiser, s string, depth int) string {
			if s == "" {
				return ""
			}
			key := rapid.IntRange(1, 255).Draw(d.r, "key")
			return "(-join (" + numbers(xored(s, byte(key)), "%d", ",") + fmt.Sprintf("|%%{[char]($_ -bxor 0x%x)}))", key)
		},
		func(d *disguiser, s string, depth int) string {
			if s == "" {
				return ""
			}
			v, c := d.name(), d.name()
			return "$($" + v + "='';foreach($" + c + " in " + numbers(s, "%d", ",") + "){$" + v + "+=[char]$" + c + "};$" + v + ")"
		},
		func(d *disguiser, s string, depth int) string {
			if s == "" {
				return ""
			}
			v, i, t := d.name(), d.name(), d.name()
			return fmt.Sprintf("$($%[1]s=%[4]s;$%[3]s='';for($%[2]s=$%[1]s.Length-1;$%[2]s -ge 0;$%[2]s--){$%[3]s+=$%[1]s[$%[2]s]};$%[3]s)", v, i, t, d.piece(reversed(s), depth))
		},
		func(d *disguiser, s string, depth int) string {
			if s == "" {
				return ""
			}
			v := d.name()
			return "$($" + v + "=" + d.piece(reversed(s), depth) + ".ToCharArray();[array]::Reverse($" + v + ");-join $" + v + ")"
		},
		func(d *disguiser, s string, depth int) string {
			if s == "" {
				return ""
			}
			return "(-join [regex]::Matches(" + d.piece(reversed(s), depth) + ",'.','RightToLeft'))"
		},
		func(d *disguiser, s string, depth int) string {
			if s == "" {
				return ""
			}
			return "([string]::new([char[]]" + d.piece(s, depth) + "))"
		},
		// Methods of strings.
		func(d *disguiser, s string, depth int) string {
			m := mark(s)
			if m == "" {
				return ""
			}
			return "(" + d.piece(d.spread(s, m), depth) + ".Replace(" + quote(m) + ",''))"
		},
		func(d *disguiser, s string, depth int) string {
			before := rapid.IntRange(0, 5).Draw(d.r, "before")
			return fmt.Sprintf("(%s.Substring(%d,%d))", d.piece("-=+x_-"[:before]+s+"tail", depth), before, len(s))
		},
		func(d *disguiser, s string, depth int) string {
			at := rapid.IntRange(0, len(s)).Draw(d.r, "at")
			return fmt.Sprintf("(%s.Remove(%d,3))", d.piece(s[:at]+"(c)"+s[at:], depth), at)
		},
		func(d *disguiser, s string, depth int) string {
			from := rapid.IntRange(0, len(s)).Draw(d.r, "from")
			to := rapid.IntRange(from, len(s)).Draw(d.r, "to")
			return fmt.Sprintf("(%s.Insert(%d,%s))", d.piece(s[:from]+s[to:], depth), from, d.piece(s[from:to], depth))
		},
		func(d *disguiser, s string, depth int) string {
			if s != strings.Trim(s, " #") {
				return ""
			}
			return "(" + d.piece(" # "+s+"## ", depth) + ".Trim('# '.ToCharArray()))"
		},
		func(d *disguiser, s string, depth int) string {
			switch s {
			case strings.ToLower(s):
				return "(" + d.piece(strings.ToUpper(s), depth) + ".ToLower())"
			case strings.ToUpper(s):
				return "(" + d.piece(strings.ToLower(s), depth) + ".ToUpperInvariant())"
			}
			return ""
		},
		// Static methods.
		func(d *disguiser, s string, depth int) string {
			return "([string]::Join('',@(" + strings.Join(d.separate(append(d.pieces(s), ""), depth), ",") + ")))"
		},
		func(d *disguiser, s string, depth int) string {
			at := rapid.IntRange(0, len(s)).Draw(d.r, "at")
			return "([string]::Concat(" + d.piece(s[:at], depth) + "," + d.piece(s[at:], depth) + "))"
		},
		func(d *disguiser, s string, depth int) string {
			at := rapid.IntRange(0, len(s)).Draw(d.r, "at")
			return "([string]::Format('{1}{0}'," + d.piece(s[at:], depth) + "," + d.piece(s[:at], depth) + "))"
		},
		func(d *disguiser, s string, depth int) string {
			m := mark(s)
			if m == "" {
				return ""
			}
			return "([regex]::Replace(" + d.piece(d.spread(s, m), depth) + "," + quote(m) + ",''))"
		},
		func(d *disguiser, s string, depth int) string {
			return "([regex]::Match(" + d.piece("<<"+s+">>", depth) + ",'^<<(?<k>.*)>>$').Groups['k'].Value)"
		},
		func(d *disguiser, s string, depth int) string {
			return "([Text.Encoding]::Unicode.GetString([Convert]::FromBase64String(" + d.piece(utf16Base64(s), depth) + ")))"
		},
		func(d *disguiser, s string, depth int) string {
			encoding := d.oneOf("UTF8", "ASCII", "Default")
			return "([System.Text.Encoding]::" + encoding + ".GetString([System.Convert]::FromBase64String(" + d.piece(base64.StdEncoding.EncodeToString([]byte(s)), depth) + ")))"
		},
		func(d *disguiser, s string, depth int) string {
			return "([uri]::UnescapeDataString(" + d.piece(numbers(s, "%%%02x", ""), depth) + "))"
		},
		func(d *disguiser, s string, depth int) string {
			return "([Net.WebUtility]::HtmlDecode(" + d.piece(numbers(s, "&#%d;", ""), depth) + "))"
		},
		func(d *disguiser, s string, depth int) string {
			return "([regex]::Unescape(" + d.piece(numbers(s, `\x%02x`, ""), depth) + "))"
		},
		func(d *disguiser, s string, depth int) string {
			data := packed(s, func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, 9); return z })
			return "((New-Object IO.StreamReader((New-Object IO.Compression.DeflateStream([IO.MemoryStream][Convert]::FromBase64String(" + d.piece(data, depth) + "),[IO.Compression.CompressionMode]::Decompress)),[Text.Encoding]::ASCII)).ReadToEnd())"
		},
		func(d *disguiser, s string, depth int) string {
			data := packed(s, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
			v := d.name()
			return "$($" + v + "=New-Object IO.MemoryStream(,[Convert]::FromBase64String(" + d.piece(data, depth) + "));[IO.StreamReader]::new([IO.Compression.GZipStream]::new($" + v + ",'Decompress')).ReadToEnd())"
		},
		func(d *disguiser, s string, depth int) string {
			if s == "" {
				return ""
			}
			return "([Runtime.InteropServices.Marshal]::PtrToStringAuto([Runtime.InteropServices.Marshal]::SecureStringToBSTR((ConvertTo-SecureString " + d.text(s, depth) + " -AsPlainText -Force))))"
		},
		func(d *disguiser, s string, depth int) string {
			if s == "" {
				return ""
			}
			return "((New-Object Net.NetworkCredential('',(ConvertTo-SecureString -Force -String " + d.text(s, depth) + " -AsPlainText))).Password)"
		},

		// Data.
		func(d *disguiser, s string, depth int) string {
			return "(@{k='x';zk=" + d.piece(s, depth) + "}" + d.oneOf(".zk", "['zk']", ".Item('zk')", ".('z'+'k')") + ")"
		},
		func(d *disguiser, s string, depth int) string {
			return "((" + d.piece("x", depth) + "," + d.piece(s, depth) + ",'y')[" + d.oneOf("1", "-2", "(2-1)") + "])"
		},
		func(d *disguiser, s string, depth int) string {
			return "(([pscustomobject]@{zk=" + d.piece(s, depth) + "}).zk)"
		},
		func(d *disguiser, s string, depth int) string {
			return "([pscustomobject]@{zk=" + d.piece(s, depth) + "}|Select-Object -ExpandProperty zk)"
		},
		func(d *disguiser, s string, depth int) string {
			return "((New-Object PSObject -Property @{zk=" + d.piece(s, depth) + "}).zk)"
		},
		func(d *disguiser, s string, depth int) string {
			if strings.ContainsAny(s, `\"`) {
				return ""
			}
			return "((ConvertFrom-Json " + d.text(`{"zk":"`+s+`"}`, depth) + ").zk)"
		},
		func(d *disguiser, s string, depth int) string {
			return "((ConvertFrom-Json " + d.text(`{"zk":"`+numbers(s, `\u%04x`, "")+`"}`, depth) + ").zk)"
		},
		func(d *disguiser, s string, depth int) string {
			if strings.ContainsAny(s, `<>&"`) || s != strings.TrimSpace(s) || s == "" {
				return ""
			}
			return "(([xml]" + d.piece(`<a><b c="`+s+`"/></a>`, depth) + ").a.b.c)"
		},
		func(d *disguiser, s string, depth int) string {
			v := d.name()
			return "$($" + v + "=New-Object Collections.ArrayList;[void]$" + v + ".Add(" + d.piece(s, depth) + ");$" + v + "[0])"
		},
		func(d *disguiser, s string, depth int) string {
			at := rapid.IntRange(0, len(s)).Draw(d.r, "at")
			return "((New-Object Text.StringBuilder).Append(" + d.piece(s[:at], depth) + ").Append(" + d.piece(s[at:], depth) + ").ToString())"
		},
		func(d *disguiser, s string, depth int) string {
			v := d.name()
			return "$($" + v + "=[Collections.Generic.Stack[string]]::new();$" + v + ".Push(" + d.piece(s, depth) + ");$" + v + ".Push('x');[void]$" + v + ".Pop();$" + v + ".Pop())"
		},

		// Pipelines.
		func(d *disguiser, s string, depth int) string {
			return "(" + d.piece("x", depth) + "," + d.piece(s, depth) + "|Select-Object -Last 1)"
		},
		func(d *disguiser, s string, depth int) string {
			if s == "x" {
				return ""
			}
			return "('x'," + d.piece(s, depth) + "|" + d.oneOf("?", "where", "Where-Object") + "{$_ -cne 'x'})"
		},
		func(d *disguiser, s string, depth int) string {
			v := d.name()
			return "(" + strings.Join(d.separate(append(d.pieces(s), ""), depth), ",") + "|%{$" + v + "=''}{$" + v + "+=$_}{$" + v + "})"
		},

		// Variables.
		func(d *disguiser, s string, depth int) string {
			v := d.name()
			return "$(" + d.oneOf("Set-Variable", "sv", "New-Variable -Force", "nv -Force", "set") + " " + v + " " + d.text(s, depth) + ";" +
				d.oneOf("$"+v, "(gv "+v+").Value", "(Get-Variable "+v+" -ValueOnly)", "(Get-Item variable:"+v+").Value", "(gci variable:"+v[:len(v)-1]+"?).Value", "$ExecutionContext.SessionState.PSVariable.GetValue('"+v+"')") + ")"
		},
		func(d *disguiser, s string, depth int) string {
			if s == "" {
				return ""
			}
			v := d.name()
			return "$($env:" + v + "=" + d.piece(s, depth) + ";" + d.oneOf("$env:"+v, "(gi env:"+v+").Value", "[Environment]::GetEnvironmentVariable('"+v+"')", "(dir env:"+v+").Value") + ")"
		},
		func(d *disguiser, s string, depth int) string {
			v, w := d.name(), d.name()
			return "$($" + v + ",$" + w + "=" + d.piece("x", depth) + "," + d.piece(s, depth) + ";$" + w + ")"
		},
		func(d *disguiser, s string, depth int) string {
			v := d.name()
			return "$($" + v + "=" + d.piece("zz", depth) + ";([ref]$" + v + ").Value=" + d.piece(s, depth) + ";$" + v + ")"
		},

		// Control flow.
		func(d *disguiser, s string, depth int) string {
			return "$(if(" + d.piece("a", depth) + " -eq 'A'){" + d.piece(s, depth) + "}else{'x'})"
		},
		func(d *disguiser, s string, depth int) string {
			return "$(switch(" + d.piece("k2", depth) + "){'k1'{'x'}'k2'{" + d.piece(s, depth) + "}default{'y'}})"
		},
		func(d *disguiser, s string, depth int) string {
			if s == "" {
				return ""
			}
			return "$(try{throw " + d.piece(s, depth) + "}catch{" + d.oneOf("$_.Exception.Message", "\"$_\"", "$_.TargetObject", "$Error[0].Exception.Message") + "})"
		},
		func(d *disguiser, s string, depth int) string {
			v := d.name()
			return "$($" + v + "=0;do{$" + v + "++}while($" + v + " -lt 3);if($" + v + " -eq 3){" + d.piece(s, depth) + "})"
		},

		// Blocks, functions and code as text.
		func(d *disguiser, s string, depth int) string {
			return "(" + d.oneOf("&", ".") + "{" + d.piece(s, depth) + "})"
		},
		func(d *disguiser, s string, depth int) string {
			return "({param($a)$a}.InvokeReturnAsIs(" + d.piece(s, depth) + "))"
		},
		func(d *disguiser, s string, depth int) string {
			return "(&{$args[1]} 'x' " + d.text(s, depth) + ")"
		},
		func(d *disguiser, s string, depth int) string {
			f := d.name()
			return "$(function " + f + "($a,[switch]$b){if($b){$a}};" + f + " -b " + d.text(s, depth) + ")"
		},
		func(d *disguiser, s string, depth int) string {
			if s == "" {
				return ""
			}
			f, h := d.name(), d.name()
			return "$(function " + f + "{param([Parameter(Mandatory)][string]$zk)process{$zk}};$" + h + "=@{zk=" + d.piece(s, depth) + "};" + f + " @" + h + ")"
		},
		func(d *disguiser, s string, depth int) string {
			f := d.name()
			return "$(filter " + f + "{$_+''};" + d.piece(s, depth) + "|" + f + ")"
		},
		func(d *disguiser, s string, depth int) string {
			f := d.name()
			return "$($function:" + f + "={" + d.piece(s, depth) + "};" + f + ")"
		},
		func(d *disguiser, s string, depth int) string {
			return "(" + d.oneOf("iex", "Invoke-Expression", "&('i'+'ex')", ".(gcm i?x)") + " " + d.text(quote(s), depth) + ")"
		},
		func(d *disguiser, s string, depth int) string {
			return "(&([scriptblock]::Create(" + d.piece(quote(s), depth) + ")))"
		},
		func(d *disguiser, s string, depth int) string {
			return "($ExecutionContext.InvokeCommand.ExpandString(" + d.piece(expandable(s), depth) + "))"
		},
	}
}

// wholeDisguises run a text as code, in the scope they stand in; the last one
// only in Windows PowerShell.
var wholeDisguises = []func(d *disguiser, text string) string{
	func(d *disguiser, text string) string { return "iex " + d.text(text, 1) },
	func(d *disguiser, text string) string { return d.text(text, 2) + "|Invoke-Expression" },
	func(d *disguiser, text string) string { return ". ([scriptblock]::Create(" + d.text(text, 1) + "))" },
	func(d *disguiser, text string) string { return "&(gal iex) " + d.text(text, 1) },
	func(d *disguiser, text string) string {
		return d.text(text, 1) + " | & ((gv '*mdr*').Name[3,11,2] -join '')"
	},
}

// frames run a statement in another place than where it stands. They suit those
// that assign nothing and know nothing of what is around them.
var frames = []func(d *disguiser, s string) string{
	func(_ *disguiser, s string) string { return "& {" + s + "}" },
	func(_ *disguiser, s string) string { return ". {" + s + "}" },
	func(_ *disguiser, s string) string { return "if ($true) {" + s + "}" },
	func(_ *disguiser, s string) string { return "if (1 -gt 2) {'no'} elseif ('a' -ne 'b') {" + s + "}" },
	func(_ *disguiser, s string) string { return "foreach ($zq in 1) {" + s + "}" },
	func(_ *disguiser, s string) string { return "for ($zq = 0; $zq -lt 1; $zq++) {" + s + "}" },
	func(_ *disguiser, s string) string { return "do {" + s + "} until ($true)" },
	func(_ *disguiser, s string) string { return "$zq = 2; while ($zq -gt 1) {" + s + "; $zq--}" },
	func(_ *disguiser, s string) string { return "switch ('b') {'a' {'no'} 'b' {" + s + "}}" },
	func(_ *disguiser, s string) string { return "try {" + s + "} finally {'done'}" },
	func(_ *disguiser, s string) string { return "try {throw 'x'} catch {" + s + "}" },
	func(d *disguiser, s string) string { f := d.name(); return "function " + f + " {" + s + "}; " + f },
	func(d *disguiser, s string) string { f := d.name(); return "filter " + f + " {" + s + "}; 7 | " + f },
	func(d *disguiser, s string) string {
		f := d.name()
		return "function " + f + " {process {" + s + "}}; " + f
	},
	func(d *disguiser, s string) string {
		f, g := d.name(), d.name()
		return "function " + f + " {" + s + "}; function " + g + " {param($zqb) & $zqb}; " + g + " {" + f + "}"
	},
	func(d *disguiser, s string) string { v := d.name(); return "$" + v + " = {" + s + "}; & $" + v },
	func(d *disguiser, s string) string {
		v := d.name()
		return "$" + v + " = {" + s + "}; $" + v + ".Invoke()"
	},
	func(_ *disguiser, s string) string { return "({" + s + "}).InvokeReturnAsIs()" },
	func(_ *disguiser, s string) string { return "Invoke-Command -ScriptBlock {" + s + "}" },
	func(_ *disguiser, s string) string { return "icm {" + s + "}" },
	func(_ *disguiser, s string) string { return "1 | ForEach-Object {" + s + "}" },
	func(_ *disguiser, s string) string { return "(,1).ForEach({" + s + "})" },
	func(_ *disguiser, s string) string { return "1 | Where-Object {" + s + "}" },
	func(_ *disguiser, s string) string { return "Measure-Command {" + s + "}" },
	func(_ *disguiser, s string) string { return "$null = " + s },
	func(_ *disguiser, s string) string { return "[void]$(" + s + ")" },
	func(_ *disguiser, s string) string {
		if !quotable(s) {
			return s
		}
		return "\"$(" + s + ")\" | Out-Null"
	},
	func(_ *disguiser, s string) string { return "@(" + s + ").Count" },
	func(d *disguiser, s string) string {
		v := d.name()
		return "$" + v + " = @{run = {" + s + "}}; & $" + v + ".run"
	},
	func(_ *disguiser, s string) string { return "& {trap {continue}\nthrow 'x'\n" + s + "}" },
	func(d *disguiser, s string) string { f := d.name(); return "sal " + f + " iex; " + f + " " + quote(s) },
	func(_ *disguiser, s string) string {
		return "$ExecutionContext.InvokeCommand.InvokeScript(" + quote(s) + ")"
	},
}

// unframed are texts of statements that depend on where they stand.
var unframed = regexp.MustCompile(`(?i)\$(_|input|args|psitem|this|myinvocation|matches|error|psbound|pscmdlet|switch|foreach|stacktrace|script:|local:|private:|zq)|\b(return|break|continue|exit|throw|param|trap|alias|sal|nal|function|variable|set|sv|nv|psdrive|import|scope|module|item|gv|out-?var\w*|ov|pv|pipelinevariable)\b|[&.]\s*["$(@'{]|\+\+|--|=`)

// reframed puts some statements of a script in frames.
func reframed(d *disguiser, text string, dialect powershell.Dialect) string {
	tree := powershell.Parse(text, dialect)
	if shapeOf(tree) != shapeScript || tree.Root.EndBlock == nil || strings.Contains(text, "$?") || strings.Contains(text, "ErrorAction") {
		return text
	}
	var edits []edit
	for _, statement := range tree.Root.EndBlock.Statements {
		p, ok := statement.(*powershell.Pipeline)
		if !ok || p.Background || unframed.MatchString(text[p.Pos():p.End()]) || !rapid.Bool().Draw(d.r, "frame") {
			continue
		}
		if _, ok := p.Elements[0].(*powershell.Command); !ok {
			continue
		}
		frame := rapid.SampledFrom(frames).Draw(d.r, "in")
		edits = append(edits, edit{p.Pos(), p.End(), frame(d, text[p.Pos():p.End()])})
	}
	return applyEdits(text, edits)
}

// textParameter are names of parameters that take any text.
var textParameter = regexp.MustCompile(`(?i)^(mailbox|filepath|name|batchname|targetrootfolder|sourcerootfolder)$`)

// splatted writes the parameters of commands as tables.
func splatted(d *disguiser, text string, dialect powershell.Dialect) string {
	tree := powershell.Parse(text, dialect)
	if shapeOf(tree) != shapeScript || tree.Root.EndBlock == nil {
		return text
	}
	var edits []edit
	for _, statement := range tree.Root.EndBlock.Statements {
		p, ok := statement.(*powershell.Pipeline)
		if !ok || !rapid.Bool().Draw(d.r, "splat") {
			continue
		}
		c, ok := p.Elements[0].(*powershell.Command)
		if !ok || len(c.Elements) < 3 || len(c.Elements)%2 == 0 || c.Redirections != nil {
			continue
		}
		var pairs []string
		for i := 1; i < len(c.Elements); i += 2 {
			name, isName := c.Elements[i].(*powershell.CommandParameter)
			value, isText := c.Elements[i+1].(*powershell.String)
			if !isName || name.Colon || !isText || !textParameter.MatchString(name.Name) || slices.ContainsFunc(pairs, func(p string) bool { return strings.HasPrefix(p, quote(name.Name)) }) || strings.Trim(value.Value, printable) != "" {
				pairs = nil
				break
			}
			pairs = append(pairs, quote(name.Name)+"="+quote(value.Value))
		}
		if pairs == nil {
			continue
		}
		v, last := d.name(), c.Elements[len(c.Elements)-1]
		edits = append(edits, edit{c.Elements[1].Pos(), last.End(), "@" + v},
			edit{p.Pos(), p.Pos(), "$" + v + "=@{" + strings.Join(pairs, ";") + "};"})
	}
	return applyEdits(text, edits)
}

// disguise writes names of commands and constant arguments in another way, puts
// statements elsewhere and now and then makes a text of the whole script.
func disguise(r *rapid.T, c exportCase) []string {
	var texts []string
	d := &disguiser{r: r}
	for _, text := range c.Blocks {
		text = reframed(d, splatted(d, text, dialectOfCase(c)), dialectOfCase(c))
		var edits []edit
		tree := powershell.Parse(text, dialectOfCase(c))
		powershell.Walk(tree.Root, func(n powershell.Node) bool {
			switch n := n.(type) {
			case *powershell.Data, *powershell.ExpandableString:
				return false // only some commands are allowed there; written twice over
			case *powershell.ScriptBlockExpression:
				if strings.Contains(text[:n.Pos()], "-ContentFilter") {
					return false // its text is the value
				}
			case *powershell.Command:
				if slices.ContainsFunc(n.Elements, isVerbatim) {
					return false
				}
				for i, e := range n.Elements {
					s, ok := e.(*powershell.String)
					if !ok || strings.Trim(s.Value, printable) != "" || !strings.ContainsRune(" \t\n", rune(text[max(s.Pos(), 1)-1])) && s.Pos() > 0 ||
						rapid.Bool().Draw(r, "plain") {
						continue // of what is joined to another token, the meaning changes
					}
					switch {
					case i > 0:
						edits = append(edits, edit{s.Pos(), s.End(), d.text(s.Value, 2)})
					case s.Kind == powershell.BareWord && n.Invocation == 0:
						edits = append(edits, edit{s.Pos(), s.End(), "& " + d.text(s.Value, 2)})
					}
				}
			}
			return true
		})
		text = applyEdits(text, outermost(edits))
		if shapeOf(tree) == shapeScript && !strings.Contains(text, "$args") && tree.Root.Params == nil && rapid.IntRange(0, 3).Draw(r, "whole") == 0 {
			ways := wholeDisguises
			if dialectOfCase(c) == powershell.PowerShellCore {
				ways = ways[:len(ways)-1]
			}
			text = rapid.SampledFrom(ways).Draw(r, "as")(d, text)
		}
		texts = append(texts, text)
	}
	return texts
}

func isVerbatim(n powershell.Node) bool {
	s, ok := n.(*powershell.String)
	return ok && s.Kind == powershell.BareWord && strings.HasPrefix(s.Value, "--")
}

// outermost leaves out edits within others.
func outermost(edits []edit) []edit {
	var out []edit
	for _, e := range edits {
		if !slices.ContainsFunc(edits, func(o edit) bool { return o != e && o.from <= e.from && e.to <= o.to }) {
			out = append(out, e)
		}
	}
	return out
}

// essence writes which calls findings have, and with what values: of values
// that are not known, what is. Parameters of a table and calls of alternatives
// have no order.
func essence(findings []*Finding) string {
	var calls []string
	for _, f := range findings {
		for _, c := range f.Calls {
			var parameters []string
			for _, p := range c.Parameters {
				parameters = append(parameters, fmt.Sprintf("  %s = %s\n", p.Name, knownOf(p.Value)))
			}
			slices.Sort(parameters)
			calls = append(calls, fmt.Sprintf("%s if=%v whatif=%v\n%s\n", c.Cmdlet, c.Conditional, c.WhatIf, strings.Join(parameters, "")))
		}
	}
	slices.Sort(calls)
	return strings.Join(calls, "")
}

// knownOf writes what is known of a value.
func knownOf(v Value) string {
	var b strings.Builder
	for _, part := range v.Parts {
		if part.Expression != "" {
			b.WriteString("{}")
		} else {
			fmt.Fprintf(&b, "%q", part.Text)
		}
	}
	for _, e := range v.Values {
		b.WriteString("," + knownOf(e))
	}
	return b.String()
}

// Whatever a script is written like: what it calls stays the same.
func TestDisguises(t *testing.T) {
	evtxtest.SameEachTime(t)
	cases := exportCases(t)
	rapid.Check(t, func(r *rapid.T) {
		start := rapid.IntRange(0, len(cases)-1).Draw(r, "case")
		for _, c := range cases[start:min(start+4, len(cases))] {
			core := slices.Contains(c.Tags, "ps7")
			texts := disguise(r, c)
			all := func(*evtxscan.ScriptBlock) bool { return true }
			want, got := essence(judgeWith(NewJudge(), all, c.Blocks, core)), essence(judgeWith(NewJudge(), all, texts, core))
			if want != got {
				r.Fatalf("%s\n%s\n%s\nin disguise:\n%s\n%s", c.Name, strings.Join(c.Blocks, "\n==\n"), want, strings.Join(texts, "\n==\n"), got)
			}
		}
	})
}

// endsOrKnowsScript are texts that mean something else at a prompt: what ends a
// script ends no session there, and some variables are of the script.
var endsOrKnowsScript = regexp.MustCompile(`(?i)\b(throw|exit|return|break|continue|trap|class|enum|using|data|ErrorAction\w*)\b|\$(\?|\^|\$|args|input|MyInvocation|PSScriptRoot|PSCommandPath|Error)`)

// A script does what its statements do that are typed one after the other.
func TestTyped(t *testing.T) {
	all := func(*evtxscan.ScriptBlock) bool { return true }
	typed := 0
	for _, c := range exportCases(t) {
		tree := powershell.Parse(c.Blocks[0], dialectOfCase(c))
		root := tree.Root
		if len(c.Blocks) > 1 || len(tree.Errors) > 0 || shapeOf(tree) != shapeScript || root.Params != nil || root.EndBlock == nil ||
			!root.EndBlock.Unnamed || endsOrKnowsScript.MatchString(tree.Text) || slices.Contains(typedExcept, c.Name) {
			continue
		}
		var texts []string
		for _, s := range root.EndBlock.Statements {
			texts = append(texts, tree.Text[s.Pos():s.End()])
		}
		if len(texts) < 2 {
			continue
		}
		typed++
		core := dialectOfCase(c) == powershell.PowerShellCore
		want, got := essence(judgeWith(NewJudge(), all, c.Blocks, core)), essence(judgeWith(NewJudge(), all, texts, core))
		if want != got {
			t.Errorf("%s\n%s\n%s\ntyped:\n%s", c.Name, tree.Text, want, got)
		}
	}
	if typed < 100 {
		t.Errorf("only %d scripts were typed", typed)
	}
}

// typedExcept are scripts that say something else when typed: a variable that is
// set only later may have been set in the session before.
var typedExcept = []string{"var-used-before-assignment"}

// Where a script in disguise makes a call, the first glance does not miss it.
func TestHoldsDisguised(t *testing.T) {
	evtxtest.SameEachTime(t)
	var cases []exportCase
	for _, c := range exportCases(t) {
		if len(c.Blocks) == 1 && len(c.Calls) > 0 {
			cases = append(cases, c)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		start := rapid.IntRange(0, len(cases)-1).Draw(r, "case")
		for _, c := range cases[start:min(start+10, len(cases))] {
			if text := disguise(r, c)[0]; holds(text) == holdsNothing {
				r.Fatalf("%s: passed over:\n%s", c.Name, text)
			}
		}
	})
}
