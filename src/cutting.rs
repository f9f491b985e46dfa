//! Cutting executed blocks into chunks, each of the shape that costs least.
//!
//! Each block is cut for each shape on its own. A chunk of such a cut then gets the cheapest shape that holds it: the rest of a block, or a part without contract code, may get another one than the chunks before.
//! Circuits of each shape that is used have to be loaded, so all sets of shapes are compared, by what they cost for the whole job.

use braid_circuits::chunk::Demand;
use braid_circuits::event::ChunkEvents;
use braid_circuits::shapes;
use braid_stark::Shape;
use braid_witness::ExecutedBlocks;
use braid_witness::chunk::{Cut, Section, build, sections};
use braid_witness::error::{NotProvable, Unprovable};

use crate::cost::ShapeCost;
use crate::error::{Error, Result};
use crate::shape::ShapeChoice;
use crate::tables::tables;

/// A chunk and its shape.
#[derive(Clone, Debug)]
pub struct PlannedChunk {
    /// The shape's place among those of the plan.
    pub shape: usize,
    /// What it proves.
    pub events: ChunkEvents,
}

/// A set of shapes by their places: bit `i` stands for shape `i`.
type ShapeSet = u32;

fn holds(set: ShapeSet, shape: usize) -> bool {
    set >> shape & 1 == 1
}

/// Sections of one block, cut for one shape, each with the shapes that hold it.
type Holding = Vec<ShapeSet>;

/// The cheapest way to prove sections, each of which one of these shapes holds, with shapes of the set `allowed`.
fn cheapest(costs: &[ShapeCost], holding: ShapeSet, allowed: ShapeSet) -> Option<(u64, usize)> {
    let places = (0..costs.len()).filter(|place| holds(holding & allowed, *place));
    let priced = places.filter_map(|place| Some((costs.get(place)?.chunk, place)));
    priced.min()
}

/// What sections cost with shapes of the set `allowed`; `None` if one of them fits in none.
fn cost_of(costs: &[ShapeCost], sections: &Holding, allowed: ShapeSet) -> Option<u64> {
    let each = sections
        .iter()
        .map(|holding| cheapest(costs, *holding, allowed));
    each.map(|found| found.map(|(cost, _)| cost)).sum()
}

/// For each block the shape that it is cut for, with shapes of the set `allowed` alone, and what all of it costs. `None` if a block cannot be cut so.
fn cut_with(
    costs: &[ShapeCost],
    blocks: &[Vec<Option<Holding>>],
    allowed: ShapeSet,
) -> Option<(u64, Vec<usize>)> {
    let loads = (0..costs.len()).filter(|place| holds(allowed, *place));
    let loads: u64 = loads.filter_map(|place| Some(costs.get(place)?.load)).sum();
    let chosen = blocks.iter().map(|by_shape| {
        let places = by_shape.iter().enumerate();
        let places = places.filter(|(place, _)| holds(allowed, *place));
        let priced = places.filter_map(|(place, sections)| {
            Some((cost_of(costs, sections.as_ref()?, allowed)?, place))
        });
        priced.min()
    });
    let chosen: Option<Vec<_>> = chosen.collect();
    let chosen = chosen?;
    let sum: u64 = chosen.iter().map(|(cost, _)| cost).sum();
    Some((
        loads + sum,
        chosen.iter().map(|(_, place)| *place).collect(),
    ))
}

/// The set of shapes among `allowed` with which the job costs least, and for each block the shape that it is cut for.
fn choose(
    costs: &[ShapeCost],
    blocks: &[Vec<Option<Holding>>],
    allowed: ShapeSet,
) -> Option<(ShapeSet, Vec<usize>)> {
    let sets = (1..1 << costs.len()).filter(|set| set & !allowed == 0);
    let priced = sets.filter_map(|set| {
        let (cost, places) = cut_with(costs, blocks, set)?;
        Some((cost, set, places))
    });
    let (_, set, places) = priced.min()?;
    Some((set, places))
}

/// The shapes that a choice allows: those of its size. Where code runs and the size has no shape for that, the largest that there is.
fn allowed(shapes: &[Shape], choice: ShapeChoice, runs_code: bool) -> ShapeSet {
    let set = |wanted: &dyn Fn(&Shape) -> bool| -> ShapeSet {
        let places = shapes.iter().enumerate();
        let places = places.filter(|(_, shape)| wanted(shape));
        places.fold(0, |set, (place, _)| set | 1 << place)
    };
    let of_size = set(&|shape| choice.has(&shape.name));
    let for_code = set(&|shape| shapes::runs_code(shape));
    let largest = (ShapeSet::BITS - 1).saturating_sub(for_code.leading_zeros());
    match runs_code && of_size & for_code == 0 {
        true => of_size | 1 << largest,
        false => of_size,
    }
}

/// The shapes that hold what a section asks for.
fn holding(shapes: &[Shape], demand: &Demand<'_>) -> ShapeSet {
    let fitting = shapes.iter().enumerate();
    let fitting = fitting.filter(|(_, shape)| demand.fits(shape).is_ok());
    fitting.fold(0, |set, (place, _)| set | 1 << place)
}

/// All blocks cut for all shapes that a choice may come to.
struct Cuts {
    shapes: Vec<Shape>,
    costs: Vec<ShapeCost>,
    /// By shape, then by block.
    by_shape: Vec<Vec<Cut>>,
}

impl Cuts {
    fn of(executed: &ExecutedBlocks) -> Result<Self> {
        let shapes = shapes::all(&tables());
        let costs: Vec<_> = shapes.iter().map(ShapeCost::of).collect();
        let by_shape = shapes.iter().map(|shape| {
            Ok(sections(executed, &shape.name, |demand| {
                demand.fits(shape)
            })?)
        });
        Ok(Self {
            by_shape: by_shape.collect::<Result<_>>()?,
            costs,
            shapes,
        })
    }

    /// The sections of a block, cut for a shape, by the shapes that hold them.
    fn holding(&self, shape: usize, block: usize) -> Option<Holding> {
        let sections = self.by_shape.get(shape)?.get(block)?.as_ref().ok()?;
        let sections = sections.iter();
        Some(
            sections
                .map(|section| holding(&self.shapes, section.demand()))
                .collect(),
        )
    }

    /// Why blocks cannot be cut with these shapes: what the shape that came closest to holding a block says of it. Blocks without contract code are
    /// tried with every shape; of those with it, the largest shape that runs it speaks.
    fn refused(&self, executed: &ExecutedBlocks, allowed: ShapeSet) -> Vec<Unprovable> {
        let blocks = executed.blocks.iter().enumerate();
        let refused = blocks.flat_map(|(index, block)| {
            let runs_code = block.transactions.iter().any(|it| it.event.runs_code);
            let places = (0..self.shapes.len()).filter(|place| holds(allowed, *place));
            let mut found: &[Unprovable] = &[];
            let mut closest = f64::INFINITY;
            for place in places {
                let of_kind = self.shapes.get(place).map(shapes::runs_code);
                match self.by_shape.get(place).and_then(|cuts| cuts.get(index)) {
                    Some(Ok(_)) => return Vec::new(),
                    Some(Err(refused)) if of_kind == Some(true) || !runs_code => {
                        let excess = excess(refused);
                        // Of those that lack as much the larger.
                        if runs_code || excess <= closest {
                            (closest, found) = (excess, refused);
                        }
                    }
                    _ => {}
                }
            }
            found.to_vec()
        });
        refused.collect()
    }

    fn chosen(&self, block: usize, place: usize) -> Vec<Section> {
        let cut = self.by_shape.get(place).and_then(|cuts| cuts.get(block));
        cut.and_then(|cut| cut.as_ref().ok())
            .cloned()
            .unwrap_or_default()
    }
}

/// How many times the room that there is the transactions need that fit least.
fn excess(refused: &[Unprovable]) -> f64 {
    let each = refused.iter().filter_map(|refused| match &refused.reason {
        NotProvable::DoesNotFit { misfit, .. } => {
            Some(misfit.rows as f64 / misfit.height.max(1) as f64)
        }
        _ => None,
    });
    each.fold(0.0, f64::max)
}

/// Cuts executed blocks into chunks of shapes of the chosen size, for the least estimated cost of the whole job. Gives the shapes in use, and the chunks.
///
/// # Errors
/// [`braid_witness::Error::NotProvable`] with every transaction that is too large for a chunk of the largest such shape.
pub fn cut(
    executed: &ExecutedBlocks,
    choice: ShapeChoice,
) -> Result<(Vec<Shape>, Vec<PlannedChunk>)> {
    let transactions = executed.blocks.iter().flat_map(|block| &block.transactions);
    let runs_code = transactions.into_iter().any(|it| it.event.runs_code);
    let cuts = Cuts::of(executed)?;
    let blocks: Vec<Vec<_>> = (0..executed.blocks.len())
        .map(|block| {
            let shapes = 0..cuts.shapes.len();
            shapes.map(|shape| cuts.holding(shape, block)).collect()
        })
        .collect();
    let mut refused = Vec::new();
    for choice in choice.in_order() {
        let allowed = allowed(&cuts.shapes, *choice, runs_code);
        let Some((set, places)) = choose(&cuts.costs, &blocks, allowed) else {
            refused = cuts.refused(executed, allowed);
            continue;
        };
        let blocks = places.iter().enumerate();
        let sections: Vec<_> = blocks
            .map(|(block, place)| cuts.chosen(block, *place))
            .collect();
        let shapes = sections.iter().flatten().map(|section| {
            let holding = holding(&cuts.shapes, section.demand());
            cheapest(&cuts.costs, holding, set).map(|(_, place)| place)
        });
        let shapes: Option<Vec<_>> = shapes.collect();
        let shapes =
            shapes.ok_or_else(|| Error::Internal("a chunk fits in no shape".to_owned()))?;
        let chunks = build(executed, &sections)?;
        return Ok(with_shapes(&cuts.shapes, chunks, &shapes));
    }
    Err(braid_witness::Error::NotProvable(refused).into())
}

/// Chunks with their shapes by their places among `all`: those in use, and each chunk with its place among these.
fn with_shapes(
    all: &[Shape],
    chunks: Vec<ChunkEvents>,
    places: &[usize],
) -> (Vec<Shape>, Vec<PlannedChunk>) {
    let mut used = places.to_vec();
    used.sort_unstable();
    used.dedup();
    let chunks = chunks.into_iter().zip(places);
    let chunks = chunks.map(|(events, place)| PlannedChunk {
        shape: used.binary_search(place).unwrap_or_default(),
        events,
    });
    let chunks = chunks.collect();
    let shapes = used.iter().filter_map(|place| all.get(*place).cloned());
    (shapes.collect(), chunks)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shapes by their costs.
    fn costs(of: &[(u64, u64)]) -> Vec<ShapeCost> {
        let costs = of.iter();
        costs
            .map(|&(chunk, load)| ShapeCost { chunk, load })
            .collect()
    }

    /// Sections that all shapes of these sets hold.
    fn cut(sections: &[ShapeSet]) -> Option<Holding> {
        Some(sections.to_vec())
    }

    #[test]
    fn several_small_chunks_or_one_that_is_larger() {
        // The block fills three small chunks or one larger.
        let block = vec![cut(&[0b11; 3]), cut(&[0b10])];
        let chosen = |costs: &[ShapeCost]| choose(costs, std::slice::from_ref(&block), 0b11);
        assert_eq!(
            chosen(&costs(&[(60, 5), (214, 5)])),
            Some((0b01, vec![0])),
            "180 is less than 214"
        );
        assert_eq!(
            chosen(&costs(&[(60, 5), (100, 5)])),
            Some((0b10, vec![1])),
            "100 is less than 180"
        );
    }

    #[test]
    fn what_is_left_of_a_block_gets_a_smaller_shape_if_loading_it_pays() {
        let block = vec![cut(&[0b11; 9]), cut(&[0b10, 0b10, 0b11])];
        let chosen = |load| {
            let costs = costs(&[(60, load), (200, 5)]);
            choose(&costs, std::slice::from_ref(&block), 0b11)
        };
        assert_eq!(chosen(5), Some((0b11, vec![1])));
        assert_eq!(
            chosen(1_000),
            Some((0b10, vec![1])),
            "600 is less than 460 and 1,000"
        );
    }

    #[test]
    fn each_block_is_cut_for_its_own_shape() {
        // The second runs code, which the first shape does not do.
        let blocks = [
            vec![cut(&[0b11]), cut(&[0b11])],
            vec![None, cut(&[0b10, 0b10])],
        ];
        let costs = costs(&[(60, 5), (200, 5)]);
        assert_eq!(choose(&costs, &blocks, 0b11), Some((0b11, vec![0, 1])));
        assert_eq!(choose(&costs, &blocks, 0b10), Some((0b10, vec![1, 1])));
        assert_eq!(choose(&costs, &blocks, 0b01), None, "nothing runs code");
    }
}
