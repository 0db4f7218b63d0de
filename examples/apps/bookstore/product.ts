export const PRODUCT = {
  id: 0,
  title: 'The Comedy of Errors',
  descriptionHtml: 'A merchant of Syracuse looks for a lost son in Ephesus, where his other son, also lost, has lived all along. '
    + 'Both are called Antipholus, both have a servant called Dromio, and all four are about to be taken for one another. '
    + 'It is one of William Shakespeare’s first plays and his shortest.',
} as const;
