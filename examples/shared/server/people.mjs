/** Everybody who can take part. There are no accounts: the address of a window names one of them. */
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
