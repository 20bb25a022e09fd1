//! Check letters and digits of UPNs and NHS numbers.

/// Letters of a UPN, in the order of their value: no I, O or S (DfE, *Unique pupil numbers: guide for schools*).
const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRTUVWXYZ";

/// Why a number is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadIdentifier {
    #[error("a UPN has a letter and 12 digits, such as B801200005001; a temporary one ends in a letter")]
    UpnForm,
    #[error("the check letter does not fit: one character is mistyped")]
    UpnCheck,
    #[error("an NHS number has 10 digits, such as 943 476 5870")]
    NhsForm,
    #[error("the check digit does not fit: one digit is mistyped")]
    NhsCheck,
}

/// The UPN in its one form, if its check letter fits.
///
/// # Errors
/// Says whether the form or the check letter is wrong.
pub fn check_upn(text: &str) -> Result<String, BadIdentifier> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    let [first, middle @ .., last] = plain.as_bytes() else { return Err(BadIdentifier::UpnForm) };
    let form = middle.len() == 11 && middle.iter().all(u8::is_ascii_digit) && plain.is_ascii();
    let (true, Some(check)) = (form, letter_value(*first)) else { return Err(BadIdentifier::UpnForm) };
    let digits = middle.iter().map(|digit| u32::from(digit - b'0'));
    let last = match last {
        b'0'..=b'9' => u32::from(last - b'0'),
        letter => letter_value(*letter).ok_or(BadIdentifier::UpnForm)?,
    };
    let sum: u32 = (2..).zip(digits.chain([last])).map(|(place, value): (u32, u32)| place * value).sum();
    if sum % 23 == check { Ok(plain) } else { Err(BadIdentifier::UpnCheck) }
}

fn letter_value(letter: u8) -> Option<u32> {
    (0..).zip(LETTERS).find_map(|(value, known)| (*known == letter).then_some(value))
}

/// The NHS number as ten digits, if its check digit fits (NHS Data Dictionary, modulus 11).
///
/// # Errors
/// Says whether the form or the check digit is wrong.
pub fn check_nhs(text: &str) -> Result<String, BadIdentifier> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if plain.len() != 10 || !plain.bytes().all(|b| b.is_ascii_digit()) {
        return Err(BadIdentifier::NhsForm);
    }
    let digits = plain.bytes().map(|digit| u32::from(digit - b'0'));
    // The check digit itself weighs 1, so that a valid number sums to a multiple of 11; a check value of 10 fits none.
    let sum: u32 = (1..=10).rev().zip(digits).map(|(weight, digit): (u32, u32)| weight * digit).sum();
    if sum.is_multiple_of(11) { Ok(plain) } else { Err(BadIdentifier::NhsCheck) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn published_numbers_are_valid() {
        for upn in ["B801200005001", "C820123424001", "P207000016049", "M80120000500A", " b8012 00005001 "] {
            assert!(check_upn(upn).is_ok(), "{upn}");
        }
        assert_eq!(check_upn("Q207000016049"), Err(BadIdentifier::UpnCheck), "misprinted in two manuals");
        assert_eq!(check_nhs("943 476 5870"), Ok("9434765870".into()));
        assert_eq!(check_nhs("943 476 5871"), Err(BadIdentifier::NhsCheck));
        for bad in
            ["", "B", "B80120000500", "I801200005001", "B8012000050é1", "B80120000500O", "ß801200005001"]
        {
            assert_eq!(check_upn(bad), Err(BadIdentifier::UpnForm), "{bad}");
        }
        for bad in ["", "943476587", "94347658700", "94347658٣0"] {
            assert_eq!(check_nhs(bad), Err(BadIdentifier::NhsForm), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = (check_upn(&text), check_nhs(&text));
        }

        #[test]
        fn one_mistyped_digit_of_a_upn_is_noticed(at in 1_usize..13, digit in 0_u8..10) {
            let mut upn = *b"B801200005001";
            prop_assume!(upn[at] != b'0' + digit);
            upn[at] = b'0' + digit;
            prop_assert!(check_upn(std::str::from_utf8(&upn).unwrap()).is_err());
        }

        #[test]
        fn one_mistyped_digit_of_an_nhs_number_is_noticed(at in 0_usize..10, digit in 0_u8..10) {
            let mut nhs = *b"9434765870";
            prop_assume!(nhs[at] != b'0' + digit);
            nhs[at] = b'0' + digit;
            prop_assert!(check_nhs(std::str::from_utf8(&nhs).unwrap()).is_err());
        }
    }
}
