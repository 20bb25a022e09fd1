mod fixture;
mod hostile;
mod journey;
mod stock;
mod withholding;

pub(crate) use fixture::World;
