"""The lexicon counted anew: which words the names of customers have, and how many accounts hold each."""

from django.db import connection, transaction

_HOLDERS = """
CREATE TEMPORARY TABLE customer_words_counted AS
SELECT word COLLATE "C" AS word, count(*) AS frequency FROM accounts_customeraccount,
LATERAL (SELECT DISTINCT left(each, 250) AS word
         FROM string_to_table(translate(search_text, E'\\n', ' '), ' ') each WHERE each <> '') of_account
GROUP BY 1
"""
# Somebody may have written an account while we counted: a word goes only if really nobody holds it.
_GONE = r"""
DELETE FROM accounts_customerword w
WHERE NOT EXISTS (SELECT FROM customer_words_counted c WHERE c.word = w.word)
AND NOT EXISTS (SELECT FROM accounts_customeraccount a WHERE a.search_vector @@
    ('''' || replace(replace(w.word, '\', '\\'), '''', '''''') || '''')::tsquery)
"""


def rebuild() -> tuple[int, int]:
    """Frequencies as they are, words that no account holds gone, in one transaction; → words that changed, and gone.

    Only the last moment keeps others from adding words: the lexicon is locked after the counting.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_HOLDERS)
        cursor.execute("ALTER TABLE customer_words_counted ADD PRIMARY KEY (word)")
        cursor.execute("LOCK TABLE accounts_customerword IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            "INSERT INTO accounts_customerword AS w (word, frequency)"
            " SELECT word, frequency FROM customer_words_counted"
            " ON CONFLICT (word) DO UPDATE SET frequency = excluded.frequency"
            " WHERE w.frequency <> excluded.frequency"
        )
        changed = cursor.rowcount
        cursor.execute(_GONE)
        gone = cursor.rowcount
        cursor.execute("DROP TABLE customer_words_counted")
        return changed, gone
