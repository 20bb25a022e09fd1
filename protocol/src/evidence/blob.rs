//! The bytes of a proof: numbers of seven bits a byte, each in its shortest form, and runs of raw bytes.

use super::ProofError;

/// Most bytes of a number: enough for one more than the most leaves.
const MAX_NUMBER: u32 = 3;

pub(super) fn put_number(mut n: usize, out: &mut Vec<u8>) {
    while n > 0x7f {
        out.push((n & 0x7f) as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// What is still to be read.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn byte(&mut self) -> Result<u8, ProofError> {
        let (byte, rest) = self.0.split_first().ok_or(ProofError::Truncated)?;
        self.0 = rest;
        Ok(*byte)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], ProofError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(ProofError::Truncated)?;
        self.0 = rest;
        Ok(*bytes)
    }

    pub(super) fn number(&mut self) -> Result<usize, ProofError> {
        let mut n = 0;
        for at in 0..MAX_NUMBER {
            let byte = self.byte()?;
            n |= usize::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                let shortest = byte > 0 || at == 0;
                return if shortest { Ok(n) } else { Err(ProofError::NotCanonical) };
            }
        }
        Err(ProofError::NotCanonical)
    }

    /// Everything to the end.
    pub(super) const fn rest(self) -> &'a [u8] {
        self.0
    }
}
