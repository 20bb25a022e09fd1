//! Times as people type them: `today 0905`, `yest`, `-2d`, `14/3 15:40`, `about 3 march`.
