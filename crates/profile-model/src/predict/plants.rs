//! Made-up jobs that the model is driven on.
