//! What each row of a block does.

use crate::bus::{operand, place};

/// Digits of `z` and of `v` in a window.
pub const WINDOW_VALUES: usize = 4;
/// Table points of a signature.
pub const TABLE_POINTS: usize = WINDOW_VALUES * WINDOW_VALUES;
/// Windows of 2 bits.
pub const WINDOWS: usize = 64;
/// Rows of a block: the table, the ladder without the two doublings before its first window, the end.
pub const BLOCK: usize = TABLE_POINTS + 7 * (WINDOWS / 2) - 2 + 1;

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Doubles the accumulator.
    Double,
    /// Adds an operand of the signature ([`operand`]).
    AddOperand(u64),
    /// Adds the table point of window `index`, counted from the most significant.
    AddWindow(usize),
    /// Adds the fixed point of base digits `index`, counted from the most significant.
    AddBase(usize),
    /// Nothing: the next row's accumulator does not follow.
    Stop,
}

/// A row of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduledRow {
    /// Its step.
    pub step: Step,
    /// The table point that the accumulator is before the step.
    pub table_point: Option<(usize, usize)>,
    /// Where the accumulator is compared before the step ([`place`]).
    pub place: Option<u64>,
    /// Which 32 bits of the scalars are complete before the step.
    pub tells: Option<usize>,
}

/// The table point made by row `row`: a walk over the square in which neighbours differ by one operand.
pub fn table_point(row: usize) -> (usize, usize) {
    let (a, b) = (row / WINDOW_VALUES, row % WINDOW_VALUES);
    (a, if a % 2 == 0 { b } else { WINDOW_VALUES - 1 - b })
}

/// The rows of a block in order.
pub fn block() -> Vec<ScheduledRow> {
    let mut rows = Vec::with_capacity(BLOCK);
    let plain = |step| ScheduledRow {
        step,
        table_point: None,
        place: None,
        tells: None,
    };
    for row in 0..TABLE_POINTS {
        let (a, b) = table_point(row);
        let step = match table_point(row + 1) {
            (WINDOW_VALUES, _) => Step::Stop,
            (next, _) if next > a => Step::AddOperand(operand::NONCE_POINT_NEGATED),
            (_, next) if next > b => Step::AddOperand(operand::KEY),
            _ => Step::AddOperand(operand::KEY_NEGATED),
        };
        rows.push(ScheduledRow {
            table_point: Some((a, b)),
            place: (row == 0).then_some(place::TABLE),
            ..plain(step)
        });
    }
    // Sixteen windows are 32 bits.
    let tells = |window: usize| (window > 0 && window.is_multiple_of(16)).then(|| window / 16 - 1);
    for window in 0..WINDOWS {
        if window == 0 {
            rows.push(ScheduledRow {
                place: Some(place::START),
                ..plain(Step::AddWindow(0))
            });
        } else {
            rows.push(ScheduledRow {
                tells: tells(window),
                ..plain(Step::Double)
            });
            rows.push(plain(Step::Double));
            rows.push(plain(Step::AddWindow(window)));
        }
        if window % 2 == 1 {
            rows.push(plain(Step::AddBase(window / 2)));
        }
    }
    rows.push(ScheduledRow {
        place: Some(place::END),
        tells: tells(WINDOWS),
        ..plain(Step::Stop)
    });
    rows
}

/// Whether the sums of digits start from zero in the row after row `index`.
pub fn resets(index: usize, row: &ScheduledRow) -> bool {
    index + 1 == TABLE_POINTS || row.tells.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_their_length_and_steps() {
        let rows = block();
        assert_eq!(rows.len(), BLOCK);
        let count = |wanted: fn(&Step) -> bool| rows.iter().filter(|row| wanted(&row.step)).count();
        assert_eq!(count(|s| matches!(s, Step::AddWindow(_))), 64);
        assert_eq!(count(|s| matches!(s, Step::AddBase(_))), 32);
        assert_eq!(count(|s| matches!(s, Step::Double)), 126);
        assert_eq!(count(|s| *s == Step::AddOperand(operand::KEY)), 6);
        assert_eq!(count(|s| *s == Step::AddOperand(operand::KEY_NEGATED)), 6);
        assert_eq!(
            count(|s| *s == Step::AddOperand(operand::NONCE_POINT_NEGATED)),
            3
        );
        let told: Vec<_> = rows.iter().filter_map(|row| row.tells).collect();
        assert_eq!(told, [0, 1, 2, 3]);
    }
}
