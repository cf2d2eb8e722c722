/** Expressions: the nodes of a graph, with their shapes inferred when they are made. */
