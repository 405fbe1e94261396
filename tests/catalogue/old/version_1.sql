-- A catalogue as the first version wrote it; nothing here is ever changed.
BEGIN TRANSACTION;
CREATE TABLE examples (
	"key" INTEGER NOT NULL, 
	lesson INTEGER NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	region VARCHAR(64) NOT NULL, 
	encoder VARCHAR(255) NOT NULL, 
	features BLOB NOT NULL, 
	PRIMARY KEY ("key"), 
	FOREIGN KEY(lesson) REFERENCES lessons (number) ON DELETE CASCADE
);
INSERT INTO "examples" VALUES(1,1,'0000000000000000000000000000000000000000000000000000000000000000','','garment-s.4',X'003C003C003C003C003C003C003C003C');
CREATE TABLE garments (
	"key" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	photo INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	region VARCHAR(64) NOT NULL, 
	category VARCHAR(64) NOT NULL, 
	category_score FLOAT NOT NULL, 
	sure BOOLEAN NOT NULL, 
	runner_up VARCHAR(64), 
	score FLOAT NOT NULL, 
	x0 FLOAT NOT NULL, 
	y0 FLOAT NOT NULL, 
	x1 FLOAT NOT NULL, 
	y1 FLOAT NOT NULL, 
	area FLOAT NOT NULL, 
	person INTEGER NOT NULL, 
	deepfashion2 INTEGER, 
	colours TEXT NOT NULL, 
	components TEXT NOT NULL, 
	vector BLOB NOT NULL, 
	FOREIGN KEY(photo) REFERENCES photos ("key") ON DELETE CASCADE
);
INSERT INTO "garments" VALUES(1,1,0,'upper','shirt',0.9,1,'blouse',0.95,0.0,0.0,48.0,64.0,0.5,0,NULL,'[{"id": "navy", "hex": "#1c223e", "share": 1.0}]','{}',X'CA9824BFE1AB1ABF95B4D8BE61EA523E');
INSERT INTO "garments" VALUES(2,1,1,'lower','jeans',0.9,1,'blouse',0.95,0.0,0.0,48.0,64.0,0.5,0,NULL,'[{"id": "white", "hex": "#ffffff", "share": 1.0}]','{}',X'2549123F2549123F2549123F2549123E');
INSERT INTO "garments" VALUES(3,2,0,'upper','shirt',0.9,1,'blouse',0.95,0.0,0.0,48.0,64.0,0.5,0,NULL,'[{"id": "red", "hex": "#dc2d37", "share": 1.0}]','{}',X'13FE203F80960FBFDA5DFCBE97E85D3E');
INSERT INTO "garments" VALUES(4,2,1,'lower','jeans',0.9,1,'blouse',0.95,0.0,0.0,48.0,64.0,0.5,0,NULL,'[{"id": "navy", "hex": "#1c223e", "share": 1.0}]','{}',X'CA9824BFE1AB1ABF95B4D8BE61EA523E');
INSERT INTO "garments" VALUES(5,3,0,'upper','shirt',0.9,1,'blouse',0.95,0.0,0.0,48.0,64.0,0.5,0,NULL,'[{"id": "white", "hex": "#ffffff", "share": 1.0}]','{}',X'2549123F2549123F2549123F2549123E');
INSERT INTO "garments" VALUES(6,3,1,'lower','jeans',0.9,1,'blouse',0.95,0.0,0.0,48.0,64.0,0.5,0,NULL,'[{"id": "red", "hex": "#dc2d37", "share": 1.0}]','{}',X'13FE203F80960FBFDA5DFCBE97E85D3E');
CREATE TABLE lessons (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	taught_at VARCHAR(32) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	question VARCHAR(64) NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	names TEXT NOT NULL, 
	region VARCHAR(64) NOT NULL
);
INSERT INTO "lessons" VALUES(1,'2026-11-21T12:28:22+00:00','style','','kimono','{"en": "Kimono"}','');
CREATE TABLE meta (
	name VARCHAR(64) NOT NULL, 
	value VARCHAR(255) NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "meta" VALUES('schema','1');
INSERT INTO "meta" VALUES('generation','8');
INSERT INTO "meta" VALUES('taxonomy','1');
INSERT INTO "meta" VALUES('taught','1@856bc83fcfdb');
CREATE TABLE photos (
	"key" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	sha256 VARCHAR(64) NOT NULL, 
	path VARCHAR(700) NOT NULL, 
	size BIGINT NOT NULL, 
	modified BIGINT NOT NULL, 
	models VARCHAR(500), 
	failure TEXT, 
	failed_models VARCHAR(500), 
	worn BOOLEAN, 
	style TEXT, 
	UNIQUE (sha256)
);
INSERT INTO "photos" VALUES(1,'3bb62d0a40a382bd5d1f29287d06caba340289b66fdb2484dca06dea3afeda51','/photos/a.png',158,1795264102396467245,'{"garment": "colour.1", "parser": "colour.1"}',NULL,NULL,1,NULL);
INSERT INTO "photos" VALUES(2,'de187ede6b8c88f3ceead25894b220e4f98aa869ddfeb1aa41d33f09befa1275','/photos/b.png',161,1795264102418143768,'{"garment": "colour.1", "parser": "colour.1"}',NULL,NULL,1,NULL);
INSERT INTO "photos" VALUES(3,'af9ae7480b6d6530dd659d1bd85696ea37950a10a028e47f8624f9a7ba4e7900','/photos/c.png',158,1795264102425701775,'{"garment": "colour.1", "parser": "colour.1"}',NULL,NULL,1,NULL);
INSERT INTO "photos" VALUES(4,'d8332916e4eb46dd9665fb89cf90ee067daa09b77eef56bcfe36e47fd4baa183','/photos/d.png',142,1795264102463696076,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE product_photos (
	product INTEGER NOT NULL, 
	photo INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	PRIMARY KEY (product, photo), 
	FOREIGN KEY(product) REFERENCES products (number) ON DELETE CASCADE, 
	FOREIGN KEY(photo) REFERENCES photos ("key") ON DELETE CASCADE
);
INSERT INTO "product_photos" VALUES(1,1,0);
INSERT INTO "product_photos" VALUES(2,2,0);
INSERT INTO "product_photos" VALUES(3,3,0);
INSERT INTO "product_photos" VALUES(4,4,0);
CREATE TABLE products (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	source VARCHAR(500) NOT NULL, 
	id VARCHAR(255) NOT NULL, 
	title TEXT NOT NULL, 
	description TEXT NOT NULL, 
	price FLOAT, 
	currency VARCHAR(8) NOT NULL, 
	link TEXT NOT NULL, 
	image TEXT NOT NULL, 
	keyword TEXT NOT NULL, 
	brand TEXT NOT NULL, 
	gender TEXT NOT NULL, 
	UNIQUE (source, id)
);
INSERT INTO "products" VALUES(1,'old.csv','a','Navy oxford shirt','',19900.0,'KRW','https://shop.example/a','','','','');
INSERT INTO "products" VALUES(2,'old.csv','b','빨간 셔츠','',NULL,'KRW','https://shop.example/b','','','','');
INSERT INTO "products" VALUES(3,'old.csv','c','White tee','',9900.0,'KRW','https://shop.example/c','','','','');
INSERT INTO "products" VALUES(4,'old.csv','d','Unread skirt','',NULL,'KRW','','','','','');
CREATE INDEX ix_photos_models ON photos (models);
CREATE INDEX ix_photos_path ON photos (path);
CREATE INDEX ix_product_photos_product ON product_photos (product);
CREATE INDEX ix_product_photos_photo ON product_photos (photo);
CREATE INDEX ix_garments_photo ON garments (photo);
CREATE INDEX ix_examples_lesson ON examples (lesson);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('products',4);
INSERT INTO "sqlite_sequence" VALUES('photos',4);
INSERT INTO "sqlite_sequence" VALUES('garments',6);
INSERT INTO "sqlite_sequence" VALUES('lessons',1);
CREATE VIRTUAL TABLE words USING fts5(title, keyword, brand, description, seen, tokenize = 'unicode61');
INSERT INTO words (rowid, title, keyword, brand, description, seen) VALUES (1, 'na av vy y ox xf fo or rd d sh hi ir rt t', '', '', '', 'na av vy y 남색 색 네이 이비 비 곤색 색 sh hi ir rt t 셔츠 츠 to op p 상의 의 wh hi it te e 흰색 색 화이 이트 트 하양 양 je ea an ns s 청바 바지 지 bo ot tt to om m 하의 의');
INSERT INTO words (rowid, title, keyword, brand, description, seen) VALUES (2, '빨간 간셔 셔츠 츠', '', '', '', 're ed d 빨강 강 레드 드 빨간 간색 색 sh hi ir rt t 셔츠 츠 to op p 상의 의 na av vy y 남색 색 네이 이비 비 곤색 색 je ea an ns s 청바 바지 지 bo ot tt to om m 하의 의');
INSERT INTO words (rowid, title, keyword, brand, description, seen) VALUES (3, 'wh hi it te e te ee e', '', '', '', 'wh hi it te e 흰색 색 화이 이트 트 하양 양 sh hi ir rt t 셔츠 츠 to op p 상의 의 re ed d 빨강 강 레드 드 빨간 간색 색 je ea an ns s 청바 바지 지 bo ot tt to om m 하의 의');
INSERT INTO words (rowid, title, keyword, brand, description, seen) VALUES (4, 'un nr re ea ad d sk ki ir rt t', '', '', '', '');
COMMIT;
