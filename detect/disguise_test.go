package detect

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"

	"pgregory.net/rapid"
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
