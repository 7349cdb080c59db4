package powershell

// Secure strings as text: what ConvertFrom-SecureString makes of one with a key,
// which is an export header and, in base64 of UTF-16, a version, the vector and
// the AES-CBC cipher text in hexadecimal, between bars.

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// secureHeader begins an exported secure string.
const secureHeader = "76492d1116743f0423413b16050a5345"

// unsealed is the text of an exported secure string, if it and the key, of 16,
// 24 or 32 bytes, are right.
func unsealed(text string, key []byte) (string, bool) {
	text = strings.TrimSpace(text)
	if len(text) < len(secureHeader) || !equalFold(text[:len(secureHeader)], secureHeader) {
		return "", false
	}
	packed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text[len(secureHeader):]))
	if err != nil {
		return "", false
	}
	parts := strings.Split(textOfUTF16(packed), "|")
	if len(parts) != 3 {
		return "", false
	}
	vector, err := base64.StdEncoding.DecodeString(parts[1])
	if err != nil {
		return "", false
	}
	sealed, err := hex.DecodeString(parts[2])
	if err != nil {
		return "", false
	}
	plain, ok := decrypted(sealed, key, vector)
	return textOfUTF16(plain), ok
}

// unsealedText is the secure string that ConvertTo-SecureString makes of text
// that is no plain text.
func (x *execution) unsealedText(v Value) (Value, bool) {
	if u := x.in.text(v); isUnknown(u) {
		if h := firstHole(u); h != nil && h.secret != nil {
			return newSecureString(h.secret), true
		}
		return nil, false
	}
	text, _ := x.in.text(v).(string)
	given, _ := x.Arg("Key")
	key, ok := bytesOf(given)
	if secret, has := x.Arg("SecureKey"); has {
		s, known := secretOf(secret)
		t, isText := s.(string)
		key, ok = encodingUnicode.encode(t), known && isText
	}
	if !ok || text == "" {
		return nil, false
	}
	plain, ok := unsealed(text, key)
	return newSecureString(plain), ok
}
