// Rust: generics, closures, methods, a private module. Compiled by tests/peers/symbols.sh.
mod inner {
    pub struct Ring<T> { items: Vec<T>, at: usize }
    impl<T: Copy + std::ops::Add<Output = T>> Ring<T> {
        pub fn new(items: Vec<T>) -> Self { Ring { items, at: 0 } }
        #[inline(always)]
        fn step(&mut self) -> usize { self.at = (self.at + 1) % self.items.len(); self.at }
        #[inline(never)]
        pub fn next(&mut self, by: T) -> T { let i = self.step(); self.items[i] = self.items[i] + by; self.items[i] }
    }
}

#[inline(never)]
fn run(n: u64) -> u64 {
    let mut ring = inner::Ring::new((0..n).map(|x| x * 7 % 13).collect());
    (0..n * 3).map(|x| ring.next(x)).filter(|v| v % 3 == 0).sum()
}

fn main() {
    let n = std::env::args().count() as u64 + 10;
    println!("{}", run(n));
}
