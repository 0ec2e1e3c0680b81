-- Until now `left` said that files of a type may have a location. From now on it says that one was found, so these files are searched.
UPDATE attachments SET location = NULL, judged = 0 WHERE location = 'left';
