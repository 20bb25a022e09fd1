mod alone;
mod facts;
mod fixture;
mod hostile;
mod journey;
mod later;
mod proven;
mod scope;
mod stock;
mod withholding;

use crate as kith;
pub(crate) use fixture::World;
