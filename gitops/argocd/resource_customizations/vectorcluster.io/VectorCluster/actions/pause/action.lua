obj.spec.update = obj.spec.update or {}
obj.spec.update.pause = true
return obj
