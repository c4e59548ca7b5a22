//! One seed is for one connection.

use given::given;
use wsproto::*;

pub fn main() {
    let entropy: Entropy = given();
    let first = Open::<Client>::after_upgrade((), given(), entropy);
    #[cfg(refused)] // E0382
    let second = Open::<Client>::after_upgrade((), given(), entropy);
    #[cfg(allowed)]
    let second = Open::<Client>::after_upgrade((), given(), [8; 32]);
    drop((first, second));
}
