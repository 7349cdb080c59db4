package powershell

// Text encodings and base64.

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// textEncoding is an encoding of text as bytes.
type textEncoding uint8

const (
	encodingUTF8 textEncoding = iota
	encodingUnicode
	encodingBigEndian
	encodingUTF32
	encodingASCII
	encodingLatin1
	encodingANSI     // the machine's code page, taken for Windows-1252
	encodingCyrillic // Windows-1251
	encodingISO5     // ISO 8859-5, of which only ASCII is known here
	encodingOther    // any in which ASCII is ASCII
	encodingUTF7
)

// encodingNames are the .NET class names by encoding.
var encodingNames = map[textEncoding]string{
	encodingUTF8: "System.Text.UTF8Encoding", encodingUnicode: "System.Text.UnicodeEncoding", encodingBigEndian: "System.Text.UnicodeEncoding",
	encodingUTF32: "System.Text.UTF32Encoding", encodingASCII: "System.Text.ASCIIEncoding", encodingLatin1: "System.Text.Latin1Encoding",
	encodingANSI: "System.Text.SBCSCodePageEncoding", encodingUTF7: "System.Text.UTF7Encoding",
	encodingCyrillic: "System.Text.SBCSCodePageEncoding", encodingOther: "System.Text.SBCSCodePageEncoding",
	encodingISO5: "System.Text.SBCSCodePageEncoding",
}

// encodingByName are the names that GetEncoding and parameters take.
var encodingByName = map[string]textEncoding{
	"utf-8": encodingUTF8, "utf8": encodingUTF8, "65001": encodingUTF8, "utf-16": encodingUnicode, "unicode": encodingUnicode,
	"utf-16le": encodingUnicode, "1200": encodingUnicode, "utf-16be": encodingBigEndian, "unicodefffe": encodingBigEndian,
	"bigendianunicode": encodingBigEndian, "1201": encodingBigEndian, "utf-32": encodingUTF32, "utf32": encodingUTF32, "12000": encodingUTF32,
	"ascii": encodingASCII, "us-ascii": encodingASCII, "20127": encodingASCII, "iso-8859-1": encodingLatin1, "latin1": encodingLatin1,
	"28591": encodingLatin1, "windows-1252": encodingANSI, "1252": encodingANSI, "default": encodingANSI, "0": encodingANSI,
	"utf7": encodingUTF7, "utf-7": encodingUTF7, "65000": encodingUTF7,
	"1251": encodingCyrillic, "windows-1251": encodingCyrillic, "x-cp1251": encodingCyrillic,
	"437": encodingOther, "ibm437": encodingOther, "850": encodingOther, "ibm850": encodingOther, "852": encodingOther, "858": encodingOther,
	"866": encodingOther, "cp866": encodingOther, "1250": encodingOther, "windows-1250": encodingOther, "1253": encodingOther,
	"windows-1253": encodingOther, "1254": encodingOther, "windows-1254": encodingOther, "1257": encodingOther, "28592": encodingOther,
	"iso-8859-2": encodingOther, "28595": encodingISO5, "iso-8859-5": encodingISO5, "cyrillic": encodingISO5, "28605": encodingOther,
	"iso-8859-15": encodingOther, "20866": encodingOther, "koi8-r": encodingOther, "greek": encodingOther, "28597": encodingOther,
	"iso-8859-7": encodingOther, "iso-8859-8": encodingOther, "hebrew": encodingOther, "28598": encodingOther,
}

// windows1252 are the characters 0x80 to 0x9F of the code page.
var windows1252 = []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")

// windows1251 are the characters from 0x80 on of that code page.
var windows1251 = []rune("ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u0098™љ›њќћџ\u00a0ЎўЈ¤Ґ¦§Ё©Є«¬\u00ad®Ї°±Ііґµ¶·ё№є»јЅѕїАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя")

func encodingOf(v Value) (textEncoding, bool) {
	if o, ok := v.(*Object); ok {
		e, ok := o.Payload.(textEncoding)
		return e, ok
	}
	return 0, false
}

// fixed tells whether the encoding does not depend on the machine. That of the
// machine's code page is known for ASCII only.
func (e textEncoding) fixed(b []byte) bool {
	switch e {
	case encodingUTF7:
		return false
	case encodingANSI, encodingOther, encodingISO5:
		return isASCII(string(b))
	}
	return true
}

// takes tells whether the bytes of a text are sure: those of characters that an
// encoding lacks are of others that look like them.
func (e textEncoding) takes(s string) bool {
	switch e {
	case encodingUTF7, encodingOther:
		return isASCII(s)
	case encodingLatin1, encodingANSI, encodingCyrillic, encodingISO5:
		return !slices.ContainsFunc(utf16Units(s), func(u uint16) bool { return u != '?' && e.narrow(u) == '?' })
	}
	return true
}

func (e textEncoding) decode(b []byte) string {
	switch e {
	case encodingUnicode, encodingBigEndian:
		var order binary.ByteOrder = binary.LittleEndian
		if e == encodingBigEndian {
			order = binary.BigEndian
		}
		units := make([]uint16, len(b)/2, len(b)/2+1)
		for i := range units {
			units[i] = order.Uint16(b[2*i:])
		}
		if len(b)%2 == 1 {
			units = append(units, utf8.RuneError)
		}
		return stringFromUnits(units)
	case encodingUTF32:
		var s strings.Builder
		for ; len(b) >= 4; b = b[4:] {
			s.WriteRune(rune(binary.LittleEndian.Uint32(b)))
		}
		return s.String()
	case encodingASCII:
		var s strings.Builder
		for _, c := range b {
			if c > 127 {
				c = '?'
			}
			s.WriteByte(c)
		}
		return s.String()
	case encodingLatin1, encodingANSI, encodingCyrillic, encodingISO5, encodingOther:
		var s strings.Builder
		for _, c := range b {
			r := rune(c)
			if e == encodingCyrillic && c >= 0x80 {
				r = windows1251[c-0x80]
			}
			if e == encodingANSI && c >= 0x80 && c < 0xA0 {
				r = windows1252[c-0x80]
			}
			s.WriteRune(r)
		}
		return s.String()
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

func (e textEncoding) encode(s string) []byte {
	switch e {
	case encodingUnicode, encodingBigEndian:
		units := utf16Units(s)
		b := make([]byte, 0, 2*len(units))
		for _, u := range units {
			if e == encodingBigEndian {
				b = append(b, byte(u>>8), byte(u))
			} else {
				b = append(b, byte(u), byte(u>>8))
			}
		}
		return b
	case encodingUTF32:
		var b []byte
		for s != "" {
			r, n := decodeRune(s)
			s = s[n:]
			b = binary.LittleEndian.AppendUint32(b, uint32(r))
		}
		return b
	case encodingASCII, encodingLatin1, encodingANSI, encodingCyrillic, encodingISO5, encodingOther:
		var b []byte
		for _, u := range utf16Units(s) {
			b = append(b, e.narrow(u))
		}
		return b
	}
	return []byte(strings.ToValidUTF8(s, "\uFFFD"))
}

// narrow is the byte of a unit, ? where there is none.
func (e textEncoding) narrow(u uint16) byte {
	switch {
	case u < 0x80, u < 0x100 && e == encodingLatin1, u >= 0xA0 && u < 0x100 && e == encodingANSI:
		return byte(u)
	case e == encodingISO5:
		return looksLike(rune(u))
	case e == encodingCyrillic:
		if i := slices.Index(windows1251, rune(u)); i >= 0 {
			return byte(0x80 + i)
		}
		return looksLike(rune(u))
	case e == encodingANSI:
		for i, r := range windows1252 {
			if r == rune(u) {
				return byte(0x80 + i)
			}
		}
	}
	return '?'
}

// looksLike is the letter that a letter with a mark is without it, ? for what is
// none.
func looksLike(r rune) byte {
	if r < 0xC0 || r > 0x17F {
		return '?'
	}
	plain := norm.NFD.String(string(r))
	if len(plain) < 2 || plain[0] >= utf8.RuneSelf || strings.IndexFunc(plain[1:], func(m rune) bool { return !unicode.Is(unicode.Mn, m) }) >= 0 {
		return '?'
	}
	return plain[0]
}

// detect decodes what a reader reads: a mark at the beginning overrules the
// encoding.
func (e textEncoding) detect(b []byte) string {
	for _, mark := range []struct {
		bytes    string
		encoding textEncoding
	}{{"\xEF\xBB\xBF", encodingUTF8}, {"\xFF\xFE", encodingUnicode}, {"\xFE\xFF", encodingBigEndian}} {
		if strings.HasPrefix(string(b[:min(len(b), 3)]), mark.bytes) {
			return mark.encoding.decode(b[len(mark.bytes):])
		}
	}
	return e.decode(b)
}

func addEncodingMembers(l *library) {
	object := func(e textEncoding) Value { return newPayload(encodingNames[e], e) }
	properties := map[string]staticProperty{}
	for name, e := range map[string]textEncoding{
		"utf8": encodingUTF8, "unicode": encodingUnicode, "bigendianunicode": encodingBigEndian, "utf32": encodingUTF32,
		"ascii": encodingASCII, "latin1": encodingLatin1, "default": encodingANSI, "utf7": encodingUTF7,
	} {
		properties[name] = constant(object(e))
	}
	properties["default"] = func(in *Interpreter) Value {
		if in.dialect() == PowerShellCore {
			return object(encodingUTF8)
		}
		return object(encodingANSI)
	}
	l.addStaticProperties("System.Text.Encoding", properties)
	l.addStatics("System.Text.Encoding", map[string]method{
		"getencoding": known(func(c *call) (Value, error) {
			if e, ok := encodingByName[foldCase(c.text(0))]; ok {
				return object(e), nil
			}
			return c.unknown(), nil
		}),
		"convert": known(func(c *call) (Value, error) {
			from, ok := encodingOf(c.arg(0))
			to, ok2 := encodingOf(c.arg(1))
			b, ok3 := bytesOf(c.arg(2))
			if !ok || !ok2 || !ok3 {
				return c.unknown(), nil
			}
			if !from.fixed(b) || !to.takes(from.decode(b)) {
				return c.unknown(), nil
			}
			return c.in.newBytes(to.encode(from.decode(b)))
		}),
	})
	for _, name := range encodingNames {
		l.constructors[name] = known(func(c *call) (Value, error) {
			if b, ok := c.arg(0).(bool); ok && b && c.kind.Name == encodingNames[encodingUnicode] {
				return object(encodingBigEndian), nil
			}
			return object(encodingOfType(c.kind.Name)), nil
		})
		l.addMethods(name, map[string]method{
			"getstring":    opened((*call).decodeUnknownBytes),
			"getchars":     known((*call).decodeChars),
			"getbytes":     opened((*call).encodeUnknownText),
			"getbytecount": known(func(c *call) (Value, error) { v, err := c.encodeText(); return c.in.countOf(v), err }),
			"getcharcount": known(func(c *call) (Value, error) { v, err := c.decodeChars(); return c.in.countOf(v), err }),
			"getpreamble":  known(func(c *call) (Value, error) { return bytesValue([]byte(c.preamble())), nil }),
		})
	}
}

func encodingOfType(name string) textEncoding {
	for e := encodingUTF8; e <= encodingUTF7; e++ {
		if encodingNames[e] == name {
			return e
		}
	}
	return encodingUTF8
}

func (c *call) preamble() string {
	e, _ := encodingOf(c.target)
	return map[textEncoding]string{encodingUTF8: "\xEF\xBB\xBF", encodingUnicode: "\xFF\xFE", encodingBigEndian: "\xFE\xFF", encodingUTF32: "\xFF\xFE\x00\x00"}[e]
}

func (c *call) decodeBytes() (Value, error) {
	e, _ := encodingOf(c.target)
	b, ok := bytesOf(c.arg(0))
	if !ok {
		if n, isByte := bytesOf(newArray(c.args)); isByte && len(c.args) == 1 {
			b, ok = n, true
		}
	}
	if !ok {
		return nil, c.fail("System.ArgumentException", "Cannot convert argument to type System.Byte[].")
	}
	if c.isInteger(1) && c.isInteger(2) {
		from, _ := c.integer(1)
		n, _ := c.integer(2)
		if from < 0 || n < 0 || from+n > len(b) {
			return nil, c.outOfRange("Index and count must refer to a location within the buffer.")
		}
		b = b[from : from+n]
	}
	if !e.fixed(b) {
		u := c.unknown()
		u.Origin = OriginEnvironment
		return u, nil
	}
	s := e.decode(b)
	return s, c.in.charge(int64(len(s)))
}

func (c *call) decodeChars() (Value, error) {
	v, err := c.decodeBytes()
	s, ok := v.(string)
	if err != nil || !ok {
		return v, err
	}
	if err := c.in.chargeItems(int64(len(s))); err != nil {
		return nil, err
	}
	return newTypedArray("System.Char", chars(s)), nil
}

// encodeUnknownText is encodeText for any text: UTF-16 bytes of text that is not
// known are unknown, but remember it.
func (c *call) encodeUnknownText() (Value, error) {
	if !anyUnknown(c.args...) {
		return c.encodeText()
	}
	u := c.unknown()
	if e, _ := encodingOf(c.target); e == encodingUnicode && len(c.args) == 1 {
		u.encoded = c.in.text(c.arg(0))
	}
	return u, nil
}

// decodeUnknownBytes is decodeBytes for any bytes.
func (c *call) decodeUnknownBytes() (Value, error) {
	if !anyUnknown(c.args...) {
		return c.decodeBytes()
	}
	if e, _ := encodingOf(c.target); e == encodingUnicode && len(c.args) == 1 {
		if u, ok := c.arg(0).(*Unknown); ok && u.encoded != nil {
			return u.encoded, nil
		}
	}
	return c.unknown(), nil
}

func (c *call) encodeText() (Value, error) {
	e, _ := encodingOf(c.target)
	v, err := c.newString()
	s, ok := v.(string)
	if err != nil || !ok {
		return c.unknown(), err
	}
	if !e.takes(s) {
		return c.unknown(), nil
	}
	return c.in.newBytes(e.encode(s))
}

// decodeBase64 is Convert.FromBase64String: blanks are ignored, the length
// must fit.
func decodeBase64(s string) ([]byte, bool) {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, s)
	b, err := base64.StdEncoding.DecodeString(s)
	return b, err == nil
}

// textOfUTF16 is text from its bytes in UTF-16, low ones first. A lone surrogate
// stays what it is, and an odd byte is left out.
func textOfUTF16(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
	}
	return stringFromUnits(units)
}
