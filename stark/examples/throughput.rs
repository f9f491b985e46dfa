//! Measures the prover on one synthetic table: `throughput [columns] [log2 rows] [interactions] [rate bits]`.
//!
//! A third of the columns are products of two others; half of the interactions receive what the other half sends.

use std::sync::Mutex;
use std::time::Instant;

use braid_stark::system::NoPublicValues;
use braid_stark::{
    ConstraintBuilder, Expression, Felt, FriParameters, Message, Row, Shape, Stage, System, Table,
    Tag, Trace, prove, setup, verify,
};
use plonky2::field::types::Field;

/// Elements of a message.
const PAYLOAD: usize = 8;

const TAG: Tag = Tag {
    id: 1,
    name: "Example",
    length: PAYLOAD,
};

struct Wide {
    columns: usize,
    interactions: usize,
}

impl Table for Wide {
    fn name(&self) -> &'static str {
        "wide"
    }
    fn column_names(&self) -> Vec<String> {
        (0..self.columns)
            .map(|index| format!("c[{index}]"))
            .collect()
    }
    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        for (cells, next) in row.local.chunks_exact(3).zip(row.next.chunks_exact(3)) {
            builder.assert_eq("wide/product", cells[2], cells[0] * cells[1]);
            builder.assert_eq_when("wide/sum", row.transition, next[0], cells[0] + B::X::one());
        }
        for index in 0..self.interactions / 2 {
            let payload: Vec<B::X> = (0..PAYLOAD)
                .map(|element| row.local[(index + 7 * element) % self.columns])
                .collect();
            builder.send(Message::new(TAG, payload.clone()), row.local[0]);
            builder.receive(Message::new(TAG, payload), row.local[0]);
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: usize| match arguments.next() {
        Some(text) => text.parse(),
        None => Ok(default),
    };
    let (columns, log_rows, interactions, rate_bits) =
        (number(512)?, number(14)?, number(100)?, number(1)?);
    let system = System::new(
        vec![Box::new(Wide {
            columns,
            interactions,
        })],
        NoPublicValues,
    );
    let fri = match rate_bits {
        1 => FriParameters::FAST,
        _ => FriParameters {
            rate_bits,
            ..FriParameters::SMALL
        },
    };
    let shape = Shape::of(&system, "throughput", &[log_rows], fri);
    let mut trace = Trace::zero(columns, 1 << log_rows);
    for (index, row) in trace.rows_mut().enumerate() {
        for (position, cells) in row.chunks_exact_mut(3).enumerate() {
            cells[0] = Felt::from_canonical_usize(index + position);
            cells[1] = Felt::from_canonical_usize(index * index + 7 * position);
            cells[2] = cells[0] * cells[1];
        }
    }
    let (key, verifying_key) = setup(&system, &shape)?;
    for _ in 0..2 {
        let stages = Mutex::new(Vec::new());
        let listen = |stage: Stage| {
            if let Ok(mut stages) = stages.lock() {
                stages.push((stage, Instant::now()));
            }
        };
        let start = Instant::now();
        let proof = prove(&system, &key, vec![trace.clone()], &[], &listen)?;
        let end = Instant::now();
        let seconds = end.duration_since(start).as_secs_f64();
        let stages = stages.into_inner()?;
        let ends = stages.iter().skip(1).map(|(_, begin)| *begin).chain([end]);
        for ((stage, begin), end) in stages.iter().zip(ends) {
            println!(
                "{:>16}: {:.3} s",
                stage.name(),
                (end - *begin).as_secs_f64()
            );
        }
        #[allow(clippy::cast_precision_loss)]
        let cells = (columns << log_rows) as f64;
        println!(
            "{columns} columns, 2^{log_rows} rows, {interactions} interactions, blow-up {}: {seconds:.2} s, {:.2} M cells/s",
            1 << rate_bits,
            cells / seconds / 1e6
        );
        let start = Instant::now();
        verify(&system, &verifying_key, &shape, &proof, &[])?;
        println!("verified in {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(())
}
