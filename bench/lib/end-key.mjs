/** The row that ends what is appended. In a file of its own: browsers read it too. */
export const endKey = 'item-end'
