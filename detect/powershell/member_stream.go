package powershell

// Streams in memory, decompression, and readers of text.

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"io"
	"strings"
)

const (
	typeMemoryStream = "System.IO.MemoryStream"
	typeStreamReader = "System.IO.StreamReader"
	typeBinaryReader = "System.IO.BinaryReader"
)

// streamValue is the payload of a stream: all its bytes. One that compresses
// or decompresses has its source behind it.
type streamValue struct {
	data     []byte
	position int
	// target receives what is written, compressed, when the stream is closed.
	target *Object
	gzip   bool
}

func (s *streamValue) copied() any {
	c := *s
	c.data = bytes.Clone(s.data)
	return &c
}

func (s *streamValue) equals(other any) bool {
	o, ok := other.(*streamValue)
	return ok && o.position == s.position && bytes.Equal(o.data, s.data)
}

func (s *streamValue) setProperty(in *Interpreter, name string, v Value) (bool, error) {
	n, ok := smallInt(v)
	if name != "position" || !ok {
		return name == "position" || name == "length", nil
	}
	s.position = int(min(max(n, 0), int64(len(s.data))))
	return true, nil
}

// readerValue is the payload of a reader of text.
type readerValue struct {
	text     string // what is left
	encoding textEncoding
}

func (r *readerValue) copied() any { c := *r; return &c }
func (r *readerValue) equals(other any) bool {
	o, ok := other.(*readerValue)
	return ok && *o == *r
}

// bytesOf returns the bytes of an array of numbers.
func bytesOf(v Value) ([]byte, bool) {
	items, ok := enumerable(v)
	if !ok {
		return nil, false
	}
	b := make([]byte, len(items))
	for i, item := range items {
		n, ok := smallInt(numberOf(item))
		if !ok || n < 0 || n > 255 {
			return nil, false
		}
		b[i] = byte(n)
	}
	return b, true
}

func bytesValue(b []byte) *Array {
	items := make([]Value, len(b))
	for i, c := range b {
		items[i] = c
	}
	return newTypedArray("System.Byte", items)
}

// newBytes is bytesValue within the budget.
func (in *Interpreter) newBytes(b []byte) (Value, error) {
	if err := in.charge(int64(len(b)) * 16); err != nil {
		return nil, err
	}
	return bytesValue(b), nil
}

func addStreamMembers(l *library) {
	l.constructors[typeMemoryStream] = opened((*call).newMemoryStream)
	l.constructors["System.IO.Compression.GzipStream"] = opened(func(c *call) (Value, error) { return c.newCompression(true) })
	l.constructors["System.IO.Compression.DeflateStream"] = opened(func(c *call) (Value, error) { return c.newCompression(false) })
	l.constructors[typeStreamReader] = opened((*call).newReader)
	l.constructors["System.IO.StreamWriter"] = opened((*call).newWriter)
	l.constructors[typeBinaryReader] = opened((*call).newReader)
	nothing := opened(func(*call) (Value, error) { return nil, nil })
	for _, name := range []string{typeMemoryStream, "System.IO.Compression.GzipStream", "System.IO.Compression.DeflateStream"} {
		stream := func(get func(s *streamValue) Value) property {
			return func(_ *Interpreter, v Value) Value { return get(v.(*Object).Payload.(*streamValue)) }
		}
		l.addProperties(name, map[string]property{
			"length": stream(func(s *streamValue) Value { return int64(len(s.data)) }), "position": stream(func(s *streamValue) Value { return int64(s.position) }),
			"canread": stream(func(*streamValue) Value { return true }), "canseek": stream(func(*streamValue) Value { return true }),
		})
		l.addMethods(name, map[string]method{
			"toarray":   known(func(c *call) (Value, error) { return c.in.newBytes(c.stream().data) }),
			"getbuffer": known(func(c *call) (Value, error) { return c.in.newBytes(c.stream().data) }),
			"read":      known((*call).readBytes),
			"readbyte":  known((*call).readByte),
			"write":     known((*call).writeBytes),
			"writebyte": known((*call).writeBytes),
			"seek":      known((*call).seek),
			"copyto":    known((*call).copyStream),
			"setlength": nothing, "flush": nothing,
			"close": opened((*call).closeStream), "dispose": opened((*call).closeStream),
		})
	}
	for _, name := range []string{typeStreamReader, "System.IO.StringReader"} {
		l.addMethods(name, map[string]method{
			"readtoend": known(func(c *call) (Value, error) { return c.readText(func(s string) (string, string) { return s, "" }) }),
			"readline":  known((*call).readLine),
			"read":      known((*call).readChar), "peek": known((*call).peekChar),
			"close": nothing, "dispose": nothing,
		})
		l.addProperties(name, map[string]property{"endofstream": func(in *Interpreter, v Value) Value {
			r := v.(*Object).Payload.(*readerValue)
			return r.text == ""
		}})
	}
	l.addMethods(typeBinaryReader, map[string]method{
		"readbytes": known((*call).binaryBytes), "readbyte": known((*call).binaryByte), "close": nothing, "dispose": nothing,
	})
	l.addMethods("System.IO.StreamWriter", map[string]method{
		"write":     known(func(c *call) (Value, error) { return nil, c.writeText("") }),
		"writeline": known(func(c *call) (Value, error) { return nil, c.writeText("\r\n") }),
		"flush":     nothing, "close": opened((*call).closeWriter), "dispose": opened((*call).closeWriter),
	})
}

func (c *call) stream() *streamValue {
	s, _ := c.target.(*Object).Payload.(*streamValue)
	return s
}

// changedStream is the stream, to be changed.
func (c *call) changedStream() *streamValue {
	c.in.touch(c.target.(*Object))
	return c.stream()
}

func streamIn(v Value) (*streamValue, bool) {
	o, ok := v.(*Object)
	if !ok {
		return nil, false
	}
	s, ok := o.Payload.(*streamValue)
	return s, ok
}

func (c *call) newMemoryStream() (Value, error) {
	if u := firstHole(c.arg(0)); u != nil || isUnknown(c.arg(0)) {
		return c.unknown(), nil
	}
	s := &streamValue{}
	if len(c.args) > 0 && !isNumber(c.args[0]) {
		b, ok := bytesOf(c.args[0])
		if !ok {
			return c.unknown(), nil
		}
		if len(c.args) > 2 {
			from, _ := c.integer(1)
			n, _ := c.integer(2)
			if from < 0 || n < 0 || from+n > len(b) {
				return nil, c.outOfRange("Offset and length were out of bounds for the array.")
			}
			b = b[from : from+n]
		}
		s.data = b
	}
	return newPayload(typeMemoryStream, s), nil
}

// newCompression reads its whole source at once, within the budget.
func (c *call) newCompression(zipped bool) (Value, error) {
	source, ok := streamIn(c.arg(0))
	if !ok {
		return c.unknown(), nil
	}
	mode := foldCase(expressionOf(c.arg(1)))
	if n, ok := smallInt(c.arg(1)); ok {
		mode = []string{"decompress", "compress"}[n&1]
	}
	if !strings.Contains(mode, "decompress") {
		return newPayload(c.kind.Name, &streamValue{target: c.arg(0).(*Object), gzip: zipped}), nil
	}
	data, err := c.in.decompress(source.data[min(source.position, len(source.data)):], zipped)
	if err != nil {
		return nil, err
	}
	if data == nil {
		return nil, c.fail("System.IO.InvalidDataException", "The magic number in GZip header is not correct. Make sure you are passing in a GZip stream.")
	}
	return newPayload(c.kind.Name, &streamValue{data: data}), nil
}

// decompress returns nil for what is no such data; what is cut off is read as
// far as it goes.
func (in *Interpreter) decompress(b []byte, zipped bool) ([]byte, error) {
	var r io.Reader = flate.NewReader(bytes.NewReader(b))
	if zipped {
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, nil
		}
		r = z
	}
	limit := int64(in.budget.Text)
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err := in.charge(int64(len(data))); err != nil {
		return nil, err
	}
	if err != nil && len(data) == 0 {
		return nil, nil
	}
	return data, nil
}

func (c *call) closeStream() (Value, error) {
	s := c.stream()
	if s.target == nil {
		return nil, nil
	}
	var out bytes.Buffer
	if s.gzip {
		w := gzip.NewWriter(&out)
		w.Write(s.data)
		w.Close()
	} else {
		w, err := flate.NewWriter(&out, flate.DefaultCompression)
		if err != nil {
			return nil, nil
		}
		w.Write(s.data)
		w.Close()
	}
	c.in.touch(s.target)
	if t, ok := s.target.Payload.(*streamValue); ok {
		t.data = append(t.data[:min(t.position, len(t.data)):len(t.data)], out.Bytes()...)
		t.position = len(t.data)
	}
	c.changedStream().target = nil
	return nil, c.in.charge(int64(out.Len()))
}

func (c *call) readBytes() (Value, error) {
	into, ok := c.arg(0).(*Array)
	at, err := c.integer(1)
	if err != nil {
		return nil, err
	}
	n, err := c.integer(2)
	if err != nil {
		return nil, err
	}
	if !ok || at < 0 || n < 0 || at+n > len(into.Elements) {
		return nil, c.outOfRange("Offset and length were out of bounds for the array.")
	}
	s := c.changedStream()
	read := min(n, len(s.data)-s.position)
	c.in.touch(into)
	for i := range read {
		into.Elements[at+i] = s.data[s.position+i]
	}
	s.position += read
	return int32(read), nil
}

func (c *call) readByte() (Value, error) {
	s := c.changedStream()
	if s.position >= len(s.data) {
		return int32(-1), nil
	}
	s.position++
	return int32(s.data[s.position-1]), nil
}

func (c *call) writeBytes() (Value, error) {
	b, ok := bytesOf(c.arg(0))
	if !ok {
		b, ok = bytesOf(newArray([]Value{c.arg(0)}))
	}
	if len(c.args) == 3 && ok {
		from, _ := c.integer(1)
		n, _ := c.integer(2)
		if from < 0 || n < 0 || from+n > len(b) {
			return nil, c.outOfRange("Offset and length were out of bounds for the array.")
		}
		b = b[from : from+n]
	}
	if !ok {
		return nil, c.fail("System.ArgumentException", "Value is no array of bytes.")
	}
	s := c.changedStream()
	if err := c.in.charge(int64(s.position + len(b))); err != nil {
		return nil, err
	}
	s.data = append(s.data[:s.position], append(b, s.data[min(len(s.data), s.position+len(b)):]...)...)
	s.position += len(b)
	return nil, nil
}

func (c *call) seek() (Value, error) {
	n, err := c.integer(0)
	if err != nil {
		return nil, err
	}
	s := c.changedStream()
	origin, _ := smallInt(c.arg(1))
	switch text := foldCase(c.text(1)); {
	case origin == 1 || text == "current":
		n += s.position
	case origin == 2 || text == "end":
		n += len(s.data)
	}
	s.position = min(max(n, 0), len(s.data))
	return int64(s.position), nil
}

func (c *call) copyStream() (Value, error) {
	o, ok := c.arg(0).(*Object)
	if !ok {
		return nil, nil
	}
	if _, ok := o.Payload.(*streamValue); !ok {
		return nil, nil
	}
	s := c.changedStream()
	c.in.touch(o)
	to := o.Payload.(*streamValue)
	to.data = append(to.data[:min(to.position, len(to.data)):len(to.data)], s.data[s.position:]...)
	to.position = len(to.data)
	s.position = len(s.data)
	return nil, c.in.charge(int64(len(to.data)))
}

// newReader reads its source when it is asked for text, since the source may
// still be changed.
func (c *call) newReader() (Value, error) {
	if s, ok := streamIn(c.arg(0)); ok {
		r := &readerValue{encoding: encodingUTF8}
		for _, a := range c.args[1:] {
			if e, ok := encodingOf(a); ok {
				r.encoding = e
			}
		}
		if c.kind.Name == typeBinaryReader {
			return newPayload(typeBinaryReader, &streamValue{data: s.data, position: s.position}), nil
		}
		r.text = r.encoding.detect(s.data[min(s.position, len(s.data)):])
		if err := c.in.charge(int64(len(r.text))); err != nil {
			return nil, err
		}
		return newPayload(typeStreamReader, r), nil
	}
	u := c.unknown()
	if !isUnknown(c.arg(0)) {
		u.Origin = OriginFile
	}
	return u, nil
}

// readText takes a part of what is left; cut returns it and the rest.
func (c *call) readText(cut func(string) (string, string)) (Value, error) {
	o := c.target.(*Object)
	c.in.touch(o)
	r := o.Payload.(*readerValue)
	taken, rest := cut(r.text)
	r.text = rest
	return taken, c.in.spend(len(taken) / bytesPerStep)
}

func (c *call) readLine() (Value, error) {
	if c.target.(*Object).Payload.(*readerValue).text == "" {
		return nil, nil
	}
	return c.readText(func(s string) (string, string) {
		i := strings.IndexAny(s, "\r\n")
		if i < 0 {
			return s, ""
		}
		if strings.HasPrefix(s[i:], "\r\n") {
			return s[:i], s[i+2:]
		}
		return s[:i], s[i+1:]
	})
}

func (c *call) readChar() (Value, error) {
	if len(c.args) > 0 {
		return c.unknown(), nil
	}
	v, err := c.peekChar()
	if err == nil && v != int32(-1) {
		_, err = c.readText(func(s string) (string, string) { return unitSlice(s, 0, 1), unitSlice(s, 1, unitLen(s)) })
	}
	return v, err
}

func (c *call) peekChar() (Value, error) {
	text := c.target.(*Object).Payload.(*readerValue).text
	if text == "" {
		return int32(-1), nil
	}
	return int32(utf16Units(text[:min(len(text), 4)])[0]), nil
}

func (c *call) binaryBytes() (Value, error) {
	n, err := c.integer(0)
	if err != nil {
		return nil, err
	}
	s := c.changedStream()
	n = min(max(n, 0), len(s.data)-s.position)
	s.position += n
	return c.in.newBytes(s.data[s.position-n : s.position])
}

func (c *call) binaryByte() (Value, error) {
	v, err := c.readByte()
	if n, ok := v.(int32); ok && err == nil {
		if n < 0 {
			return nil, c.fail("System.IO.EndOfStreamException", "Unable to read beyond the end of the stream.")
		}
		return uint8(n), nil
	}
	return v, err
}

// writerValue is the payload of a StreamWriter.
type writerValue struct {
	stream   *Object
	encoding textEncoding
}

func (c *call) newWriter() (Value, error) {
	o, ok := c.arg(0).(*Object)
	if _, isStream := streamIn(c.arg(0)); !ok || !isStream {
		return c.unknown(), nil
	}
	w := &writerValue{stream: o, encoding: encodingUTF8}
	for _, a := range c.args[1:] {
		if e, ok := encodingOf(a); ok {
			w.encoding = e
		}
	}
	return newPayload("System.IO.StreamWriter", w), nil
}

func (c *call) writeText(end string) error {
	w := c.target.(*Object).Payload.(*writerValue)
	_, err := (&call{in: c.in, target: w.stream, name: c.name, args: []Value{bytesValue(w.encoding.encode(c.text(0) + end))}}).writeBytes()
	return err
}

func (c *call) closeWriter() (Value, error) {
	w := c.target.(*Object).Payload.(*writerValue)
	return (&call{in: c.in, target: w.stream, name: c.name}).closeStream()
}
