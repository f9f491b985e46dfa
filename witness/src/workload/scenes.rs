//! The scenes of a block, and the order in which a block of everything goes through them.

use super::Activity;
use super::game::Game;
use super::lending::Lending;
use super::market::Market;
use super::options::Options;
use super::scene::{Action, Scene, Stage};
use super::staking::Staking;
use crate::error::{Error, Result};

/// The activities that have contracts of their own.
pub(super) const SCENES: [Activity; 5] = [
    Activity::Market,
    Activity::Lending,
    Activity::Staking,
    Activity::Game,
    Activity::Options,
];

/// What happens in a block of everything, in this order again and again.
const DEFI: [Activity; 24] = {
    use Activity::{Erc20, Game, Lending, Market, Mints, Options, Staking, Swaps};
    [
        Erc20, Swaps, Market, Lending, Staking, Game, Options, Mints, //
        Market, Lending, Options, Game, Market, Lending, Staking, Options, //
        Erc20, Lending, Market, Options, Swaps, Staking, Game, Lending,
    ]
};

/// What the transaction with this number does in a block of everything.
pub(super) fn defi(index: usize) -> Activity {
    let activity = DEFI.get(index % DEFI.len());
    activity.copied().unwrap_or(Activity::Erc20)
}

/// By what happens there.
#[derive(Default)]
pub(super) struct Scenes(Vec<(Activity, Box<dyn Scene>)>);

impl Scenes {
    /// Deploys the contracts of an activity for at most so many transactions.
    ///
    /// # Errors
    /// [`Error::Internal`] if the activity has no contracts of its own.
    pub(super) fn add(
        &mut self,
        activity: Activity,
        stage: &mut Stage<'_>,
        transactions: usize,
    ) -> Result<()> {
        let scene: Box<dyn Scene> = match activity {
            Activity::Market => Box::new(Market::new(stage)?),
            Activity::Lending => Box::new(Lending::new(stage)?),
            Activity::Staking => Box::new(Staking::new(stage)?),
            Activity::Game => Box::new(Game::new(stage)?),
            Activity::Options => Box::new(Options::new(stage, transactions)?),
            Activity::Transfers
            | Activity::Erc20
            | Activity::Swaps
            | Activity::Mints
            | Activity::Mixed
            | Activity::Defi => return Err(without(activity)),
        };
        self.0.push((activity, scene));
        Ok(())
    }

    /// The next transaction of an activity.
    ///
    /// # Errors
    /// [`Error::Internal`] if its contracts were not deployed.
    pub(super) fn next(&mut self, activity: Activity, stage: &mut Stage<'_>) -> Result<Action> {
        let scene = self.0.iter_mut().find(|(name, _)| *name == activity);
        let (_, scene) = scene.ok_or_else(|| without(activity))?;
        scene.next(stage)
    }
}

fn without(activity: Activity) -> Error {
    Error::Internal(format!("no contracts for {activity:?}"))
}
