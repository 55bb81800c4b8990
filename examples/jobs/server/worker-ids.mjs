/** What workers are called; as many can run at once. */
export const workerIds = ['ada', 'grace', 'alan', 'barbara', 'edsger', 'margaret', 'donald', 'radia']
