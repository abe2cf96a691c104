-- What an article is about, as the grouping compares it.
CREATE TABLE profiles (
    article_id BIGINT PRIMARY KEY REFERENCES articles (id),
    profile BLOB NOT NULL
);

-- How many rounds of grouping there were: whoever remembers another number has to read the stories again.
CREATE TABLE grouping_rounds (n BIGINT NOT NULL);
INSERT INTO grouping_rounds (n) VALUES (0);

-- The articles of the last 45 days get their profile in the next round; they keep their stories.
UPDATE articles SET grouped_at = NULL
    WHERE first_seen > (SELECT MAX(first_seen) FROM articles) - 3888000000000;
