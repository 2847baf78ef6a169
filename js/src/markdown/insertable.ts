/** Which code belongs into a cell. */

/** The kernel is a Python one, whatever the model calls it; code without a word about it may be. */
const LANGUAGES = /^(?:|py|python|python3|py3|ipython|ipython3)$/i;

/** Whether code of this language can be put into a new cell. */
export const isInsertable = (language: string): boolean => LANGUAGES.test(language);
