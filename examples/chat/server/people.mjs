/** Everybody who can take part: there are no accounts here, a window says whose it is. */
export const people = [
  { id: 'ada', name: 'Ada' },
  { id: 'grace', name: 'Grace' },
  { id: 'alan', name: 'Alan' },
  { id: 'katherine', name: 'Katherine' },
  { id: 'edsger', name: 'Edsger' },
  { id: 'barbara', name: 'Barbara' },
  { id: 'donald', name: 'Donald' },
  { id: 'radia', name: 'Radia' },
]
