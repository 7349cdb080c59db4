package powershell

import "math/big"

// Decimal is System.Decimal: Unscaled / 10^Scale.
type Decimal struct {
	Unscaled *big.Int
	Scale    int
}
