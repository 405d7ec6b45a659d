CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE cameras (
	id VARCHAR(64) NOT NULL, 
	source TEXT NOT NULL, 
	model TEXT NOT NULL, 
	device VARCHAR(32) NOT NULL, 
	imgsz INTEGER, 
	tracker VARCHAR(32) NOT NULL, 
	running BOOLEAN NOT NULL, 
	seen TEXT NOT NULL, 
	created_utc_s FLOAT NOT NULL, 
	used_utc_s FLOAT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "cameras" VALUES('cam-92636b0648','/ü.mp4','yolov8n.pt','cuda:0',320,'bytetrack',1,'{"source":{"label":"ü.mp4","size_wh":[1280,720],"rate_hz":25.0,"duration_s":60.0,"codec":"h264","live":false,"start_utc_s":null},"model_label":"yolov8n","class_names":["person"],"seekable":false}',1.0,2.0);
CREATE TABLE controls (
	camera_id VARCHAR(64) NOT NULL, 
	revision INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (camera_id), 
	FOREIGN KEY(camera_id) REFERENCES cameras (id) ON DELETE CASCADE
);
INSERT INTO "controls" VALUES('cam-92636b0648',2,'{"heat":{"colormap":"JET","alpha":0.5,"half_life_s":2.758702557461137,"shape":"circle","size":1.0,"blend":"transparent","scale":"auto","scale_top_s":5.0,"scale_percentile":99.0,"measure":"dwell","place":"box","classes":null,"still_s":"Infinity"},"overlay":{"heat":true,"boxes":true,"labels":true,"trails":false,"zones":true,"counts":true,"legend":true},"detect":{"confidence":0.3,"iou":0.5,"classes":null},"zones":[{"id":"z1","name":"Gate","points":[[0.2,0.5],[0.8,0.5]],"flipped":false,"use":"count"}],"anchor":"center","counting":{"once":false,"band":null},"paused":false,"loop":true,"speed":1.0,"counts_epoch":0,"heat_epoch":0,"revision":2}');
CREATE TABLE counts (
	camera_id VARCHAR(64) NOT NULL, 
	tallies TEXT NOT NULL, 
	frame_index INTEGER NOT NULL, 
	time_s FLOAT NOT NULL, 
	run INTEGER NOT NULL, 
	position_s FLOAT NOT NULL, 
	PRIMARY KEY (camera_id), 
	FOREIGN KEY(camera_id) REFERENCES cameras (id) ON DELETE CASCADE
);
INSERT INTO "counts" VALUES('cam-92636b0648','[{"zone_id":"z1","total":{"into":3,"out":1},"by_class":{"person":{"into":3,"out":1}},"occupancy":null,"stays":0,"stayed_s":0.0}]',12,0.48,0,0.0);
