package powershell

// AES with a key that stands in the script: a symmetric algorithm's object, what
// it encrypts or decrypts, and a stream through it.

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"slices"
	"strings"
)

const (
	cryptoSpace      = "System.Security.Cryptography."
	typeTransform    = cryptoSpace + "ICryptoTransform"
	typeCryptoStream = cryptoSpace + "CryptoStream"
)

// cipherTypes are the classes of the algorithm.
var cipherTypes = []string{"Aes", "AesManaged", "AesCryptoServiceProvider", "RijndaelManaged"}

// transformValue is the payload of an encryptor or decryptor.
type transformValue struct {
	encrypts    bool
	ecb         bool
	padding     string // "pkcs7", "zeros", "none"
	key, vector []byte
}

// apply encrypts or decrypts whole data; ok is false where it does not fit.
func (t *transformValue) apply(data []byte) (result []byte, ok bool) {
	block, err := aes.NewCipher(t.key)
	if err != nil || !t.ecb && len(t.vector) != aes.BlockSize {
		return nil, false
	}
	data = bytes.Clone(data)
	if t.encrypts {
		switch n := aes.BlockSize - len(data)%aes.BlockSize; t.padding {
		case "pkcs7":
			data = append(data, bytes.Repeat([]byte{byte(n)}, n)...)
		case "zeros":
			data = append(data, make([]byte, n%aes.BlockSize)...)
		}
	}
	if len(data)%aes.BlockSize != 0 || len(data) == 0 {
		return nil, false
	}
	switch {
	case t.ecb && t.encrypts:
		for i := 0; i < len(data); i += aes.BlockSize {
			block.Encrypt(data[i:], data[i:])
		}
	case t.ecb:
		for i := 0; i < len(data); i += aes.BlockSize {
			block.Decrypt(data[i:], data[i:])
		}
	case t.encrypts:
		cipher.NewCBCEncrypter(block, t.vector).CryptBlocks(data, data)
	default:
		cipher.NewCBCDecrypter(block, t.vector).CryptBlocks(data, data)
	}
	if !t.encrypts && t.padding == "pkcs7" {
		return withoutPadding(data)
	}
	return data, true
}

// withoutPadding takes the PKCS7 padding from data.
func withoutPadding(data []byte) ([]byte, bool) {
	if len(data) == 0 {
		return nil, false
	}
	n := int(data[len(data)-1])
	if n == 0 || n > aes.BlockSize || n > len(data) {
		return nil, false
	}
	for _, b := range data[len(data)-n:] {
		if int(b) != n {
			return nil, false
		}
	}
	return data[:len(data)-n], true
}

func addCryptoMembers(l *library) {
	made := opened(func(c *call) (Value, error) {
		o := newObject(c.kind.Name)
		o.Set("Mode", "CBC")
		o.Set("Padding", "PKCS7")
		for _, name := range []string{"Key", "IV", "KeySize", "BlockSize"} {
			o.Set(name, c.unknown())
		}
		return o, nil
	})
	for _, name := range cipherTypes {
		l.constructors[cryptoSpace+name] = made
		l.addStatics(cryptoSpace+name, map[string]method{"create": made})
		l.addMethods(cryptoSpace+name, map[string]method{
			"createdecryptor": opened(func(c *call) (Value, error) { return c.newTransform(false), nil }),
			"createencryptor": opened(func(c *call) (Value, error) { return c.newTransform(true), nil }),
			"dispose":         opened(func(*call) (Value, error) { return nil, nil }),
			"clear":           opened(func(*call) (Value, error) { return nil, nil }),
		})
	}
	l.addMethods(typeTransform, map[string]method{
		"transformfinalblock": known(func(c *call) (Value, error) {
			data, ok := bytesOf(c.arg(0))
			from, err := c.integer(1)
			if err != nil {
				return nil, err
			}
			n, err := c.integer(2)
			if err != nil {
				return nil, err
			}
			if !ok || from < 0 || n < 0 || from > len(data) || n > len(data)-from {
				return c.unknown(), nil
			}
			if data, ok = c.target.(*Object).Payload.(*transformValue).apply(data[from : from+n]); !ok {
				return c.unknown(), nil
			}
			return c.in.newBytes(data)
		}),
		"dispose": opened(func(*call) (Value, error) { return nil, nil }),
	})
	l.constructors[typeCryptoStream] = opened(func(c *call) (Value, error) {
		source, ok := streamIn(c.arg(0))
		o, isObject := c.arg(1).(*Object)
		if !ok || !isObject || !strings.HasSuffix(foldCase(strings.Trim(expressionOf(c.in.text(c.arg(2))), "'")), "read") {
			return c.unknown(), nil
		}
		t, ok := o.Payload.(*transformValue)
		if !ok {
			return c.unknown(), nil
		}
		data, ok := t.apply(source.data[min(source.position, len(source.data)):])
		if !ok {
			return c.unknown(), nil
		}
		return newPayload(typeMemoryStream, &streamValue{data: data}), nil
	})
}

// newTransform is CreateEncryptor or CreateDecryptor, with a key and vector or
// those of the algorithm.
func (c *call) newTransform(encrypts bool) Value {
	o := c.target.(*Object)
	key, vector := propertyOf(o, "Key"), propertyOf(o, "IV")
	if len(c.args) > 1 {
		key, vector = c.args[0], c.args[1]
	}
	setting := func(name string, numbers map[int64]string) string {
		v := propertyOf(o, name)
		if n, ok := smallInt(v); ok {
			return numbers[n]
		}
		s := strings.Trim(expressionOf(c.in.text(v)), "'") // a value, or [CipherMode]::CBC
		return foldCase(s[strings.LastIndexByte(s, ':')+1:])
	}
	mode := setting("Mode", map[int64]string{1: "cbc", 2: "ecb"})
	t := &transformValue{encrypts: encrypts, ecb: mode == "ecb",
		padding: setting("Padding", map[int64]string{1: "none", 2: "pkcs7", 3: "zeros"})}
	var ok, vectorKnown bool
	t.key, ok = bytesOf(key)
	t.vector, vectorKnown = bytesOf(vector)
	if !ok || !vectorKnown && !t.ecb || !slices.Contains([]string{"cbc", "ecb"}, mode) || !slices.Contains([]string{"pkcs7", "zeros", "none"}, t.padding) {
		return c.unknown()
	}
	return newPayload(typeTransform, t)
}

// decrypted is AES-CBC with PKCS7 padding.
func decrypted(sealed, key, vector []byte) ([]byte, bool) {
	return (&transformValue{padding: "pkcs7", key: key, vector: vector}).apply(sealed)
}
