rs0 [direct: primary] test> rs.conf()
{
  _id: 'rs0',
  version: 3,
  term: Long('4'),
  members: [
    { _id: 0, host: 'p.example:27017', arbiterOnly: false, priority: 1, votes: 1, tags: { dc: 'east' } },
    { _id: 1, host: 's.example:27017', arbiterOnly: false, priority: 1, votes: 1, tags: { dc: 'west' } },
    { _id: 2, host: 'arb.example:27017', arbiterOnly: true, priority: 0, votes: 1 }
  ],
  settings: {
    chainingAllowed: true,
    getLastErrorDefaults: { w: 1, wtimeout: 0 },
    replicaSetId: ObjectId('0123456789abcdef01234567')
  }
}
