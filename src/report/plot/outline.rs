//! Outlines around sets of points.

use super::canvas::{Point, ROUND, polygon};

/// A rounded outline at a distance around points, unless it comes closer than `clear` to one of the others.
pub(super) fn around(points: &[Point], distance: f64, others: &[Point], clear: f64) -> Option<Vec<Point>> {
    let corners: Vec<Point> = points.iter().flat_map(|point| polygon(*point, distance, ROUND, 0.0)).collect();
    let outline = hull(corners);
    let far = |other: &Point| !holds(&outline, *other) && edges(&outline).all(|edge| gap(edge, *other) >= clear);
    (!points.is_empty() && others.iter().all(far)).then_some(outline)
}

/// The shortest tree of straight lines that joins points: Prim's.
///
/// # Complexity
/// Cubic in the points, of which there are few.
pub(super) fn joined(points: &[Point]) -> Vec<(Point, Point)> {
    let mut lines = Vec::new();
    let (mut inside, mut outside) =
        (points.iter().take(1).copied().collect::<Vec<_>>(), points.get(1..).unwrap_or(&[]).to_vec());
    while !outside.is_empty() {
        let pairs = (0..inside.len()).flat_map(|from| (0..outside.len()).map(move |to| (from, to)));
        let length =
            |(from, to): &(usize, usize)| (inside[*from].0 - outside[*to].0).hypot(inside[*from].1 - outside[*to].1);
        let Some((from, to)) = pairs.min_by(|a, b| length(a).total_cmp(&length(b))) else { break };
        let next = outside.remove(to);
        lines.push((inside[from], next));
        inside.push(next);
    }
    lines
}

/// The corners of the convex hull, in turning order: Andrew's monotone chain.
fn hull(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let half = |points: &mut dyn Iterator<Item = Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for point in points {
            while let [.., before, last] = chain[..] {
                if turn(before, last, point) > 0.0 {
                    break;
                }
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut lower = half(&mut points.iter().copied());
    lower.extend(half(&mut points.iter().rev().copied()));
    lower
}

/// Positive where the three points turn one way, negative the other.
fn turn(a: Point, b: Point, c: Point) -> f64 {
    (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)
}

fn edges(outline: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    outline.iter().copied().zip(outline.iter().copied().cycle().skip(1))
}

/// Whether a point lies in a convex outline.
fn holds(outline: &[Point], point: Point) -> bool {
    outline.len() > 2 && edges(outline).all(|(from, to)| turn(from, to, point) >= 0.0)
}

/// The distance of a point from a straight line between two.
fn gap((from, to): (Point, Point), point: Point) -> f64 {
    let (x, y) = (to.0 - from.0, to.1 - from.1);
    let square = x * x + y * y;
    let share = if square > 0.0 { ((point.0 - from.0) * x + (point.1 - from.1) * y) / square } else { 0.0 };
    let share = share.clamp(0.0, 1.0);
    (from.0 + share * x - point.0).hypot(from.1 + share * y - point.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hull_keeps_the_corners_only() {
        let square = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)];
        let with_inner = square.iter().copied().chain([(1.0, 1.0), (1.0, 0.0), (2.0, 0.0)]).collect();
        let mut corners = hull(with_inner);
        corners.sort_by(|a, b| a.partial_cmp(b).unwrap());
        assert_eq!(corners, [(0.0, 0.0), (0.0, 2.0), (2.0, 0.0), (2.0, 2.0)]);
    }

    #[test]
    fn an_outline_swallows_no_other_point() {
        let ends = [(0.0, 0.0), (20.0, 0.0)];
        let outline = around(&ends, 4.0, &[(10.0, 10.0)], 2.0).unwrap();
        assert!(ends.iter().all(|end| holds(&outline, *end)) && !holds(&outline, (10.0, 10.0)));
        assert_eq!(around(&ends, 4.0, &[(10.0, 0.0)], 2.0), None, "between them");
        assert_eq!(around(&ends, 4.0, &[(10.0, 5.0)], 2.0), None, "too close");
        assert_eq!(around(&[], 4.0, &[], 2.0), None);
        assert!(around(&ends[..1], 4.0, &[], 2.0).is_some_and(|circle| circle.len() == ROUND));
    }

    #[test]
    fn points_are_joined_along_the_shortest_tree() {
        let lines = joined(&[(0.0, 0.0), (9.0, 0.0), (4.0, 0.0)]);
        assert_eq!(lines, [((0.0, 0.0), (4.0, 0.0)), ((4.0, 0.0), (9.0, 0.0))]);
        assert!(joined(&[]).is_empty());
    }
}
