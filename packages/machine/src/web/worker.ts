import "@memhp/shards/web/worker";
