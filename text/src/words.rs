//! What serde says of a value that is not what it should be, in the words of whoever writes JSON by hand.

/// Between what was found and what must be there.
const EXPECTED: &str = ", expected ";

/// A message of serde without the names that types have in a program: "a list, expected an object" for "invalid type: sequence, expected a map". Others stay as
/// they are.
pub(crate) fn plain(message: &str) -> String {
    let rest = ["invalid type: ", "invalid value: "]
        .into_iter()
        .find_map(|start| message.strip_prefix(start));
    // What was found may be a text that has any words in it; what is expected has not.
    match rest.and_then(|rest| rest.rsplit_once(EXPECTED)) {
        Some((found, expected)) => format!("{}{EXPECTED}{}", found_in(found), wanted(expected)),
        None => message.to_owned(),
    }
}

/// What was found: a kind of value, and the value if it is a short one.
fn found_in(found: &str) -> String {
    let numbers = ["integer `", "floating point `", "number `"];
    let number = numbers
        .into_iter()
        .find_map(|kind| found.strip_prefix(kind));
    if let Some(number) = number {
        return format!("the number {}", number.trim_end_matches('`'));
    }
    if let Some(text) = found.strip_prefix("string ") {
        return format!("the text {text}");
    }
    if let Some(truth) = found.strip_prefix("boolean `") {
        return truth.trim_end_matches('`').to_owned();
    }
    match found {
        "map" => "an object",
        "sequence" => "a list",
        "unit value" | "unit" | "null" => "null",
        "Option value" => "nothing",
        other => other,
    }
    .to_owned()
}

/// What must be there.
fn wanted(expected: &str) -> String {
    let whole = |bits: u32| format!("a whole number below 2^{bits}");
    match expected {
        "u8" => whole(8),
        "u16" => whole(16),
        "u32" => whole(32),
        "u64" | "usize" => whole(64),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a map" => "an object".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a string" | "a borrowed string" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "unit" => "null".to_owned(),
        other if other.starts_with("struct ") => "an object".to_owned(),
        other if other.starts_with("an array of length ") => {
            other.replacen("an array of length", "a list of length", 1)
        }
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_a_program_is_left() {
        for (message, expected) in [
            (
                "invalid type: map, expected a sequence",
                "an object, expected a list",
            ),
            (
                "invalid type: sequence, expected an object",
                "a list, expected an object",
            ),
            (
                "invalid type: floating point `1.5`, expected u32",
                "the number 1.5, expected a whole number below 2^32",
            ),
            (
                "invalid value: integer `-1`, expected u8",
                "the number -1, expected a whole number below 2^8",
            ),
            (
                "invalid type: null, expected a string",
                "null, expected a text",
            ),
            (
                "invalid type: boolean `true`, expected a map",
                "true, expected an object",
            ),
            (
                "invalid type: string \"a, expected b\", expected struct Pair with 2 elements",
                "the text \"a, expected b\", expected an object",
            ),
            // Of ours, and of others that say it plainly.
            ("hex must start with 0x", "hex must start with 0x"),
            ("missing field `chainId`", "missing field `chainId`"),
        ] {
            assert_eq!(plain(message), expected);
        }
    }

    /// As serde_json says it of every kind of value.
    #[test]
    fn values_of_every_kind() {
        let say = |value: &str| {
            let error = serde_json::from_str::<Vec<u16>>(value).unwrap_err();
            crate::json::reason(&error)
        };
        for (value, expected) in [
            ("{}", "an object, expected a list"),
            ("null", "null, expected a list"),
            ("7", "the number 7, expected a list"),
            ("1.5", "the number 1.5, expected a list"),
            ("\"x\"", "the text \"x\", expected a list"),
            ("false", "false, expected a list"),
            (
                "[65536]",
                "the number 65536, expected a whole number below 2^16",
            ),
            ("[[]]", "a list, expected a whole number below 2^16"),
        ] {
            assert_eq!(say(value), expected, "{value}");
        }
    }
}
