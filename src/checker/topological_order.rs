//! Orders clusters, or finds clusters that cannot be ordered.

/// Edges that need no list: from A to B wherever `out[A] < into[B]`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Channel<'a> {
    pub(super) out: &'a [i64],
    pub(super) into: &'a [i64],
}

/// An order in which every edge points forward, or else a cycle: each of its nodes has an edge to the next, and the
/// last one to the first.
///
/// `edges` are further edges, from the first to the second. Edges from a node to itself do not count.
///
/// # Method
/// A node is a source of a channel when its `into` is at most every `out` of the other nodes left. Sources only
/// become more as nodes are taken, so one pass over each sorted array finds them all. Where none is left, the nodes
/// with the smallest `out` precede those that are stuck, so a cycle is found by walking backwards.
///
/// # Complexity
/// O(n log n + e) for n nodes and e edges.
pub(super) fn order(count: usize, channels: &[Channel<'_>], edges: &[(u32, u32)]) -> Result<Vec<u32>, Vec<u32>> {
    let mut sorter = Sorter::new(count, channels, edges);
    sorter.run();
    if sorter.order.len() == count { Ok(sorter.order) } else { Err(sorter.cycle()) }
}

struct Sorter<'a> {
    lanes: Vec<Lane<'a>>,
    edges: &'a [(u32, u32)],
    /// Where the edges of each node begin.
    first_edge: Vec<u32>,
    /// Reasons for which a node is not a source yet.
    blocked: Vec<u32>,
    is_taken: Vec<bool>,
    ready: Vec<u32>,
    order: Vec<u32>,
}

/// A channel while nodes are taken.
struct Lane<'a> {
    channel: Channel<'a>,
    by_out: Vec<u32>,
    by_into: Vec<u32>,
    /// The position in `by_out` of the smallest node that is left, and of the second smallest.
    smallest: usize,
    second: usize,
    /// How many of `by_into` are released.
    released: usize,
    is_released: Vec<bool>,
}

impl<'a> Lane<'a> {
    fn new(count: usize, channel: Channel<'a>) -> Self {
        let sorted = |keys: &[i64]| {
            let mut nodes: Vec<u32> = (0..count as u32).collect();
            nodes.sort_unstable_by_key(|node| keys[*node as usize]);
            nodes
        };
        Lane {
            channel,
            by_out: sorted(channel.out),
            by_into: sorted(channel.into),
            smallest: 0,
            second: 1,
            released: 0,
            is_released: vec![false; count],
        }
    }

    /// Moves on over nodes that are taken, and hands over those that become sources of this channel.
    fn advance(&mut self, is_taken: &[bool], mut release: impl FnMut(u32)) {
        let next = |mut position: usize| {
            while self.by_out.get(position).is_some_and(|node| is_taken[*node as usize]) {
                position += 1;
            }
            position
        };
        if self.smallest < self.by_out.len() && is_taken[self.by_out[self.smallest] as usize] {
            self.smallest = next(self.second.max(self.smallest));
            self.second = self.smallest + 1;
        }
        self.second = next(self.second);
        let Some(&smallest) = self.by_out.get(self.smallest) else { return };
        let limit = self.channel.out[smallest as usize];
        while let Some(&node) = self.by_into.get(self.released) {
            if self.channel.into[node as usize] > limit {
                break;
            }
            self.released += 1;
            if !std::mem::replace(&mut self.is_released[node as usize], true) {
                release(node);
            }
        }
        let is_free = self
            .by_out
            .get(self.second)
            .is_none_or(|second| self.channel.into[smallest as usize] <= self.channel.out[*second as usize]);
        if is_free && !std::mem::replace(&mut self.is_released[smallest as usize], true) {
            release(smallest);
        }
    }

    /// A node that is left and has an edge to this one, if there is one.
    fn predecessor(&self, node: u32) -> Option<u32> {
        let candidates = [self.by_out.get(self.smallest), self.by_out.get(self.second)];
        let found = candidates.into_iter().flatten().copied().find(|candidate| *candidate != node)?;
        (self.channel.out[found as usize] < self.channel.into[node as usize]).then_some(found)
    }
}

impl<'a> Sorter<'a> {
    fn new(count: usize, channels: &[Channel<'a>], edges: &'a [(u32, u32)]) -> Self {
        debug_assert!(edges.is_sorted());
        let mut blocked = vec![channels.len() as u32; count];
        let mut first_edge = vec![0; count + 1];
        for (from, to) in edges {
            blocked[*to as usize] += 1;
            first_edge[*from as usize + 1] += 1;
        }
        for node in 0..count {
            first_edge[node + 1] += first_edge[node];
        }
        let ready = if channels.is_empty() {
            (0..count as u32).filter(|n| blocked[*n as usize] == 0).collect()
        } else {
            Vec::new()
        };
        Sorter {
            lanes: channels.iter().map(|channel| Lane::new(count, *channel)).collect(),
            edges,
            first_edge,
            blocked,
            is_taken: vec![false; count],
            ready,
            order: Vec::with_capacity(count),
        }
    }

    fn run(&mut self) {
        loop {
            for lane in &mut self.lanes {
                let (blocked, ready) = (&mut self.blocked, &mut self.ready);
                lane.advance(&self.is_taken, |node| {
                    blocked[node as usize] -= 1;
                    if blocked[node as usize] == 0 {
                        ready.push(node);
                    }
                });
            }
            let Some(node) = self.ready.pop() else { return };
            self.is_taken[node as usize] = true;
            self.order.push(node);
            for (_, to) in
                &self.edges[self.first_edge[node as usize] as usize..self.first_edge[node as usize + 1] as usize]
            {
                self.blocked[*to as usize] -= 1;
                if self.blocked[*to as usize] == 0 {
                    self.ready.push(*to);
                }
            }
        }
    }

    /// Walks backwards from a node that is left until a node comes again.
    fn cycle(&self) -> Vec<u32> {
        let count = self.is_taken.len();
        let mut explicit: Vec<(u32, u32)> = self
            .edges
            .iter()
            .filter(|(from, to)| !self.is_taken[*from as usize] && !self.is_taken[*to as usize])
            .map(|(from, to)| (*to, *from))
            .collect();
        explicit.sort_unstable();
        let predecessor = |node: u32| {
            self.lanes.iter().find_map(|lane| lane.predecessor(node)).or_else(|| {
                let edge = explicit.partition_point(|(to, _)| *to < node);
                explicit.get(edge).filter(|(to, _)| *to == node).map(|(_, from)| *from)
            })
        };
        let mut position = vec![usize::MAX; count];
        let mut walk: Vec<u32> = Vec::new();
        let mut next = (0..count as u32).find(|node| !self.is_taken[*node as usize]);
        while let Some(node) = next {
            if position[node as usize] != usize::MAX {
                let mut cycle = walk.split_off(position[node as usize]);
                cycle.reverse();
                return cycle;
            }
            position[node as usize] = walk.len();
            walk.push(node);
            next = predecessor(node);
        }
        walk.reverse();
        walk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_and_cycles() {
        let (out, into) = (vec![1, 5, 9], vec![0, 4, 8]);
        let channel = Channel { out: &out, into: &into };
        assert_eq!(order(3, &[channel], &[]), Ok(vec![0, 1, 2]));
        let cycle = order(3, &[channel], &[(2, 0)]).unwrap_err();
        assert!(cycle.contains(&0) && cycle.contains(&2), "{cycle:?}");
        assert_eq!(order(3, &[], &[(0, 1), (1, 2)]), Ok(vec![0, 1, 2]));
        assert_eq!(order(3, &[], &[(0, 1), (1, 2), (2, 0)]).unwrap_err().len(), 3);
    }

    #[test]
    fn a_node_does_not_block_itself() {
        let (out, into) = (vec![1], vec![9]);
        assert_eq!(order(1, &[Channel { out: &out, into: &into }], &[]), Ok(vec![0]));
    }
}
