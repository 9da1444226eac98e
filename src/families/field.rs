//! Finite fields, by powers of a generator.

/// The field of q = p^k elements: polynomials of degree below k over the integers modulo p, modulo a polynomial of degree k.
///
/// An element is the number whose digits to the base p are its coefficients, the constant one last: 0 is zero, 1 is one.
#[derive(Debug)]
pub(super) struct Field {
    base: usize,
    /// Powers of the generator x, from x^0 to x^(q-2).
    powers: Vec<usize>,
    /// The exponents of the elements from 1 on; that of 0 is not used.
    logarithms: Vec<usize>,
}

impl Field {
    /// The field of q elements; `None` unless q is a power of a prime.
    ///
    /// # Method
    /// Tries the polynomials x^k - r one after the other until the powers of x run through everything but zero: then every element but
    /// zero is a power of x, so it has an inverse. For k = 1 this looks for a primitive root modulo p.
    ///
    /// # Complexity
    /// O(q) for each polynomial tried; a constant share of them, up to logarithms, will do.
    pub(super) fn new(order: usize) -> Option<Field> {
        let base = (2..=order).find(|divisor| order.is_multiple_of(*divisor))?;
        let mut top = 1;
        while top * base < order {
            top *= base;
        }
        if top * base != order {
            return None;
        }
        (1..order).find_map(|rest| Field::generated(base, top, rest))
    }

    /// The field in which x^k is `rest` and x generates everything, if there is one; `top` is x^(k-1).
    fn generated(base: usize, top: usize, rest: usize) -> Option<Field> {
        let order = top * base;
        let mut field = Field { base, powers: Vec::with_capacity(order - 1), logarithms: vec![0; order] };
        let mut power = 1;
        for exponent in 0..order - 1 {
            if power == 0 || exponent > 0 && power == 1 {
                return None;
            }
            field.logarithms[power] = exponent;
            field.powers.push(power);
            let shifted = power % top * base;
            power = (0..power / top).fold(shifted, |sum, _| field.plus(sum, rest));
        }
        (power == 1).then_some(field)
    }

    /// q.
    pub(super) fn order(&self) -> usize {
        self.logarithms.len()
    }

    /// a + b, digit by digit.
    pub(super) fn plus(&self, a: usize, b: usize) -> usize {
        self.digits(a, b, |a, b| a + b)
    }

    /// -a.
    pub(super) fn minus(&self, a: usize) -> usize {
        self.digits(0, a, |_, a| self.base - a)
    }

    /// a b.
    pub(super) fn times(&self, a: usize, b: usize) -> usize {
        if a == 0 || b == 0 {
            return 0;
        }
        self.powers[(self.logarithms[a] + self.logarithms[b]) % self.powers.len()]
    }

    /// 1/a, for a that is not zero.
    pub(super) fn inverse(&self, a: usize) -> usize {
        self.powers[(self.powers.len() - self.logarithms[a]) % self.powers.len()]
    }

    fn digits(&self, mut a: usize, mut b: usize, combine: impl Fn(usize, usize) -> usize) -> usize {
        let (mut sum, mut place) = (0, 1);
        while a > 0 || b > 0 {
            sum += combine(a % self.base, b % self.base) % self.base * place;
            (a, b, place) = (a / self.base, b / self.base, place * self.base);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_laws_of_a_field_hold() {
        for order in [2, 3, 4, 5, 7, 8, 9, 13, 16, 25, 27] {
            let field = Field::new(order).unwrap();
            assert_eq!(field.order(), order);
            for a in 0..order {
                assert_eq!(field.plus(a, field.minus(a)), 0, "{order}: {a}");
                assert_eq!(field.times(a, 1), a);
                assert!(a == 0 || field.times(a, field.inverse(a)) == 1, "{order}: {a}");
                for (b, c) in (0..order).flat_map(|b| (0..order).map(move |c| (b, c))) {
                    assert_eq!(field.plus(field.plus(a, b), c), field.plus(a, field.plus(b, c)));
                    assert_eq!(field.times(field.times(a, b), c), field.times(a, field.times(b, c)));
                    let product = field.plus(field.times(a, b), field.times(a, c));
                    assert_eq!(field.times(a, field.plus(b, c)), product, "{order}: {a} ({b} + {c})");
                }
            }
        }
    }

    #[test]
    fn only_powers_of_primes_have_fields() {
        let orders: Vec<usize> = (0..50).filter(|order| Field::new(*order).is_some()).collect();
        assert_eq!(orders, [2, 3, 4, 5, 7, 8, 9, 11, 13, 16, 17, 19, 23, 25, 27, 29, 31, 32, 37, 41, 43, 47, 49]);
    }
}
