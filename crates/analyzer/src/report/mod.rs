//! What other programs read: output shapes, apart from the inner types.

mod simulation;
mod tuning;

pub use simulation::{PredictionFigures, PredictionRow, SimulationReport};
pub use tuning::{MachineRow, TuningReport};
